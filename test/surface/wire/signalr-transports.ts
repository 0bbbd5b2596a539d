import { get, type IncomingMessage } from 'node:http';
import { httpExchange } from './http-exchange.js';
import { MessageQueue } from './message-queue.js';
import { PausablePolling } from './pausable-polling.js';
import type { SignalRFraming } from './signalr-framing.js';
import { messageReader, postTo } from './signalr-requests.js';
import { openWebSocket } from './web-socket.js';
import { pathOf, urlOf, type Target, type WireConnection } from './wire-connection.js';

/** How a SignalR client connects, with the token of its negotiation. */
export type SignalRTransport = (
  target: Target,
  framing: SignalRFraming,
  token: string,
) => Promise<WireConnection>;

/** Frames of the wrong type are marked: some clients would not read them. */
export const overWebSocket: SignalRTransport = (target, framing, token) => {
  const read = messageReader(framing);
  const mark = (isBinary: boolean): string =>
    isBinary === framing.isBinary ? '' : ` in a ${isBinary ? 'binary' : 'text'} frame`;
  return openWebSocket(
    urlOf(target, { id: token }, 'ws'),
    (frame, isBinary) => read(frame).map((text) => text + mark(isBinary)),
    target.headers,
  );
};

/** The first poll is answered as soon as the connection is open. */
export const overLongPolling: SignalRTransport = async (target, framing, token) => {
  const queue = new MessageQueue();
  const read = messageReader(framing);
  const request = { path: pathOf(target, { id: token }), headers: target.headers ?? {} };
  const poll = async (): Promise<boolean> => {
    const { status, bytes } = await httpExchange(target.url, request);
    if (status === 200) for (const message of read(bytes)) queue.push(message);
    else queue.close(`HTTP ${status} ${bytes.toString()}`.trim());
    return status === 200;
  };
  await poll();
  const polling = new PausablePolling(queue, poll);
  polling.resume();
  const close = async (): Promise<void> => {
    polling.pause();
    await httpExchange(target.url, { ...request, method: 'DELETE' });
  };
  return { queue, send: postTo(target, token), polling, close };
};

/** Server-Sent Events bring what the hub sends; the client posts. */
export const overEventStream: SignalRTransport = async (target, framing, token) => {
  const queue = new MessageQueue();
  const read = messageReader(framing);
  const headers = { accept: 'text/event-stream', ...target.headers };
  const request = get(urlOf(target, { id: token }, 'http'), { headers, agent: false });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.on('error', reject).on('response', resolve);
  });
  response.on('data', (chunk: Buffer) => {
    for (const message of read(dataOf(chunk))) queue.push(message);
  });
  response.on('error', () => queue.close('event stream cut'));
  response.on('end', () => queue.close('event stream ended'));
  return { queue, send: postTo(target, token), close: async () => void request.destroy() };
};

/** The data of the events in a chunk. A chunk of a local server holds whole events. */
function dataOf(chunk: Buffer): Buffer {
  const lines = chunk.toString().split(/\r?\n/);
  const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice('data: '.length));
  return Buffer.from(data.join(''));
}
