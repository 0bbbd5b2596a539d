import { Encoder } from '@msgpack/msgpack';
import type { Completion, HubMessage, Invocation, StreamInvocation } from './messages.js';
import { MESSAGE_TYPES } from './message-types.js';

/** Above this an encoder is not kept: its buffer never shrinks. */
const KEPT_ENCODER_BYTES = 64 * 1024;

/** How a Completion says what follows. */
export const RESULT_KINDS = { error: 1, none: 2, value: 3 } as const;

/** Fields that are `undefined` are left out, as in JSON. */
const newEncoder = (): Encoder => new Encoder({ ignoreUndefined: true });
let encoder = newEncoder();

/** A value of the application, or a whole body. Throws for what MessagePack cannot hold, such as functions and circles. */
export function encodeValue(value: unknown): Uint8Array {
  const encoded = encoder.encode(value);
  if (encoded.length > KEPT_ENCODER_BYTES) encoder = newEncoder();
  return encoded;
}

/** The elements of one message. Always the long layouts, as .NET writes them. */
export function elementsOf(message: HubMessage): readonly unknown[] {
  switch (message.type) {
    case 'invocation':
      return invocation(MESSAGE_TYPES.invocation, message);
    case 'stream-invocation':
      return invocation(MESSAGE_TYPES.streamInvocation, message);
    case 'stream-item':
      return [MESSAGE_TYPES.streamItem, {}, message.invocationId, message.item];
    case 'completion':
      return [MESSAGE_TYPES.completion, {}, message.invocationId, ...outcome(message)];
    case 'cancel-invocation':
      return [MESSAGE_TYPES.cancelInvocation, {}, message.invocationId];
    case 'ping':
      return [MESSAGE_TYPES.ping];
    case 'close':
      return [MESSAGE_TYPES.close, message.error || null, message.allowReconnect ?? false];
    default:
      return [MESSAGE_TYPES[message.type], message.sequenceId];
  }
}

/** Puts the length before a body that is given in parts. One copy, and none of it is encoded again. */
export function frame(parts: readonly Uint8Array[]): Uint8Array {
  const bodyBytes = parts.reduce((sum, part) => sum + part.length, 0);
  // Out of Node's pool: a fan-out makes one of these for each subscriber.
  const framed = Buffer.allocUnsafe(prefixBytes(bodyBytes) + bodyBytes);
  let position = writePrefix(framed, bodyBytes);
  for (const part of parts) {
    framed.set(part, position);
    position += part.length;
  }
  return framed;
}

function invocation(type: number, message: Invocation | StreamInvocation): readonly unknown[] {
  return [type, {}, message.invocationId || null, message.target, message.args, message.streamIds ?? []];
}

function outcome(message: Completion): readonly unknown[] {
  const { error, result, hasResult = result !== undefined } = message;
  if (error) return [RESULT_KINDS.error, error];
  return hasResult ? [RESULT_KINDS.value, result] : [RESULT_KINDS.none];
}

function prefixBytes(bodyBytes: number): number {
  let bytes = 1;
  for (let rest = bodyBytes; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}

/** Seven bits at a time, the lowest first; the high bit says that more follow. */
function writePrefix(target: Uint8Array, bodyBytes: number): number {
  let position = 0;
  let rest = bodyBytes;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) target[position++] = (rest & 0x7f) | 0x80;
  target[position++] = rest;
  return position;
}
