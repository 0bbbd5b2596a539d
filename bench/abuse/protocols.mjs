// Just enough of Socket.IO and SignalR to attack with.
import { frame, RawWebSocket } from './raw-connection.mjs';

/** @typedef {import('./attacker.mjs').Target} Target */

export const SOCKETIO_WS = '/socket.io/?EIO=4&transport=websocket';
export const SOCKETIO_POLL = '/socket.io/?EIO=4&transport=polling';
export const EVENT_HUB = '/RealtimeEventPushHub';
export const EXTENDED_HUB = '/hub';
const END = '\x1e';
const GREETED_WITHIN_MS = 10_000;

/** @param {unknown} message */
export const record = (message) => JSON.stringify(message) + END;

/** @param {unknown[]} args method and arguments */
export const socketIoCommand = (...args) => frame(`421${JSON.stringify(args)}`);

/**
 * @param {string} target
 * @param {unknown[]} args
 */
export const signalRCommand = (target, ...args) =>
  frame(record({ type: 1, invocationId: '1', target, arguments: args }));

/**
 * A Socket.IO connection that is in the namespace; `undefined` where it is refused.
 * @param {Target} target
 * @param {object} [auth]
 */
export async function openSocketIo(target, auth = {}) {
  const link = await RawWebSocket.open(target, SOCKETIO_WS);
  const connect = JSON.stringify({ ...auth, ...(target.token && { token: target.token }) });
  return link && greet(link, `40${connect}`, (text) => text.startsWith('40'));
}

/**
 * A SignalR connection over WebSocket that has shaken hands; `undefined` where it is refused.
 * @param {Target} target
 * @param {string} [path]
 */
export async function openSignalR(target, path = EVENT_HUB) {
  const link = await RawWebSocket.open(target, path);
  return link && greet(link, record({ protocol: 'json', version: 1 }), (text) => text.startsWith(`{}${END}`));
}

/**
 * @param {RawWebSocket} link
 * @param {string} hello
 * @param {(text: string) => boolean} isWelcome
 */
async function greet(link, hello, isWelcome) {
  const read = link.onText;
  const welcome = new Promise((resolve) => {
    link.onText = (text) => {
      if (isWelcome(text)) resolve(true);
      else read(text);
    };
  });
  await link.write(frame(hello));
  const late = AbortSignal.any([link.target.signal, AbortSignal.timeout(GREETED_WITHIN_MS)]);
  const never = new Promise((resolve) => late.addEventListener('abort', () => resolve(false)));
  const isGreeted = await Promise.race([welcome, never, link.closed.then(() => false)]);
  link.onText = read;
  if (isGreeted) return link;
  link.end();
  return undefined;
}
