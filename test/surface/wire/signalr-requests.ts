import { httpExchange, type HttpAnswer } from './http-exchange.js';
import type { SignalRFraming } from './signalr-framing.js';
import { pathOf, type Target, type WireMessage } from './wire-connection.js';

const HANDSHAKE_END = 0x1e;

/** Asks the hub for a connection. */
export function negotiate(target: Target): Promise<HttpAnswer> {
  const path = pathOf({ ...target, path: `${target.path}/negotiate` }, { negotiateVersion: '1' });
  const headers = { 'content-length': '0', ...target.headers };
  return httpExchange(target.url, { method: 'POST', path, headers });
}

/** Sends by requests of their own, as clients of transports do that only receive. */
export function postTo(target: Target, token: string): (message: WireMessage) => Promise<void> {
  const request = { method: 'POST', path: pathOf(target, { id: token }), headers: target.headers ?? {} };
  return async (body) => {
    const { status } = await httpExchange(target.url, { ...request, body });
    if (status !== 200) throw new Error(`a message was answered with ${status}`);
  };
}

/** Reads messages of a connection. The first is the answer to the handshake, which is JSON in every protocol. */
export function messageReader(framing: SignalRFraming): (bytes: Buffer) => readonly string[] {
  let isOpen = false;
  return (bytes) => {
    if (isOpen || bytes.length === 0) return framing.read(bytes);
    isOpen = true;
    const end = bytes.indexOf(HANDSHAKE_END);
    return [bytes.subarray(0, end).toString(), ...framing.read(bytes.subarray(end + 1))];
  };
}
