import { decode, encode } from '@msgpack/msgpack';
import type { WireMessage } from './wire-connection.js';
import { framed, rawJson, rawMessagePack } from '../../../libs/signalr/src/hubs/testing/raw-protocols.js';

/** A message of a SignalR hub protocol, with its fields named as in JSON. */
export type HubMessage = Readonly<Record<string, unknown>>;

/** How the messages of one hub protocol become bytes, and which text stands for the bytes in the recording. */
export interface SignalRFraming {
  readonly name: 'json' | 'messagepack';
  readonly isBinary: boolean;
  write(message: HubMessage): WireMessage;
  /** The text of each message: JSON as it is, MessagePack as the JSON of what it holds. */
  read(bytes: Buffer): string[];
}

const TERMINATOR = '\x1e';
/** Sent whenever a connection has been idle for a while. */
const PINGS = new Set(['{"type":6}', '[6]']);

export const jsonFraming: SignalRFraming = {
  name: 'json',
  isBinary: false,
  write: (message) => rawJson.write(message).toString(),
  read: (bytes) => bytes.toString().split(TERMINATOR).slice(0, -1).filter(isNoPing),
};

export const messagePackFraming: SignalRFraming = {
  name: 'messagepack',
  isBinary: true,
  write: (message) => rawMessagePack.write(message),
  read: (bytes) => bodies(bytes).map(notation).filter(isNoPing),
};

/** The JSON of a body. One that could be written more compactly is marked, as its JSON alone does not say all about it. */
function notation(body: Buffer): string {
  const value = decode(body, { useBigInt64: false });
  const text = JSON.stringify(value, (_key, item: unknown) =>
    item instanceof Uint8Array ? { bytes: hex(item) } : item,
  );
  return Buffer.from(encode(value)).equals(body) ? text : `${text} not in the shortest form`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** The bodies of frames, each with its length before it. */
function bodies(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const { length, prefix } = readLength(rest);
    const body = rest.subarray(prefix, prefix + length);
    if (!framed(body).equals(rest.subarray(0, prefix + length)))
      throw new Error('a frame with a wrong length');
    found.push(body);
    rest = rest.subarray(prefix + length);
  }
  return found;
}

/** A length of seven bits a byte, the lowest first. */
function readLength(bytes: Buffer): { readonly length: number; readonly prefix: number } {
  let length = 0;
  for (let at = 0, factor = 1; ; at++, factor *= 128) {
    const byte = bytes[at] ?? 0;
    length += (byte % 128) * factor;
    if (byte < 128) return { length, prefix: at + 1 };
  }
}

function isNoPing(text: string): boolean {
  return !PINGS.has(text);
}
