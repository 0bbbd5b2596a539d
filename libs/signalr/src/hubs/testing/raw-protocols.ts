import { decode, encode } from '@msgpack/msgpack';
import type { Wire } from './fake-connection.js';

/** A protocol written down a second time, so that the library is not tested by itself. Messages are named as in JSON. */
export interface RawProtocol {
  readonly name: 'json' | 'messagepack';
  write(message: Wire): Buffer;
  read(bytes: Buffer): Wire[];
}

const separator = '\u001e';

export const rawJson: RawProtocol = {
  name: 'json',
  write: (message) => Buffer.from(JSON.stringify(message) + separator),
  read: (bytes) =>
    bytes
      .toString()
      .split(separator)
      .slice(0, -1)
      .map((text) => JSON.parse(text) as Wire),
};

export const rawMessagePack: RawProtocol = {
  name: 'messagepack',
  write: (message) => framed(Buffer.from(encode(elements(message)))),
  read: (bytes) => bodies(bytes).map((body) => named(decode(body) as unknown[])),
};

/** The length stands before the body, seven bits a byte, the lowest first. */
export function framed(body: Buffer): Buffer {
  const prefix: number[] = [];
  let rest = body.length;
  for (; rest > 127; rest = Math.floor(rest / 128)) prefix.push((rest % 128) + 128);
  return Buffer.concat([Buffer.from([...prefix, rest]), body]);
}

function bodies(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    let length = 0;
    let factor = 1;
    for (; (bytes[at] ?? 0) > 127; at += 1, factor *= 128) length += ((bytes[at] ?? 0) - 128) * factor;
    length += (bytes[at] ?? 0) * factor;
    found.push(bytes.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  }
  return found;
}

function elements(message: Wire): unknown[] {
  const { type, invocationId = null, target, item, error, result, streamIds = [] } = message;
  if (type === 1 || type === 4) return [type, {}, invocationId, target, message['arguments'], streamIds];
  if (type === 2) return [2, {}, invocationId, item];
  if (type === 3) return [3, {}, invocationId, error === undefined ? 3 : 1, error ?? result];
  if (type === 5) return [5, {}, invocationId];
  return type === 7 ? [7, error ?? null] : [type];
}

function named([type, second, third, fourth, fifth]: unknown[]): Wire {
  if (type === 1)
    return { type, target: fourth, arguments: fifth, ...(third !== null && { invocationId: third }) };
  if (type === 2) return { type, invocationId: third, item: fourth };
  if (type === 3) return { type, invocationId: third, ...outcome(fourth, fifth) };
  if (type === 7)
    return {
      type,
      ...(second !== null && { error: second }),
      ...(third === true && { allowReconnect: true }),
    };
  return { type };
}

function outcome(kind: unknown, value: unknown): Wire {
  if (kind === 1) return { error: value };
  return kind === 3 ? { result: value } : {};
}
