import {
  CLIENT_METHODS,
  deliveryMeta,
  type Data,
  type Envelope,
  type EventGuid,
  type Presence,
} from '@ringback/contract';
import type { Codec, Frame } from '@ringback/core';

/** What one line of a client asks for. */
export interface NdjsonMessage {
  /** Comes back with the reply; absent where none is wanted. */
  readonly id?: unknown;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** Each frame is one line: `{"method":"ReceiveEvent","args":[eventguid,cookie,data,meta]}`. */
export const ndjsonCodec: Codec = {
  name: 'ndjson',
  encodeCookie: (cookie) => utf8(JSON.stringify(cookie)),
  prepare(envelope: Envelope, gap: boolean) {
    const head = utf8(`{"method":"${CLIENT_METHODS.receive}","args":[${JSON.stringify(envelope.eventguid)},`);
    const meta = JSON.stringify(deliveryMeta(envelope, gap));
    const tail = utf8(`,${JSON.stringify(dataText(envelope.data))},${meta}]}\n`);
    return (encodedCookie) => head + encodedCookie + tail;
  },
  encodeEnded: (eventguid: EventGuid) => encodeCall(CLIENT_METHODS.ended, eventguid),
  encodePresence: (eventguid: EventGuid, presence: Presence) =>
    encodeCall(CLIENT_METHODS.presence, eventguid, presence),
};

export function encodeCall(method: string, ...args: readonly unknown[]): Frame {
  return encodeLine({ method, args });
}

export function encodeLine(message: object): Frame {
  return utf8(`${JSON.stringify(message)}\n`);
}

/** `undefined` for a line that is no message. */
export function parseLine(line: string): NdjsonMessage | undefined {
  try {
    const { id, method, args = [] } = JSON.parse(line) as Record<string, unknown>;
    return typeof method === 'string' && Array.isArray(args)
      ? { id, method, args: args as unknown[] }
      : undefined;
  } catch {
    return undefined;
  }
}

function dataText(data: Data): string {
  return typeof data === 'string' ? data : Buffer.from(data).toString('base64');
}

function utf8(text: string): Frame {
  return Buffer.from(text, 'utf8').toString('latin1');
}
