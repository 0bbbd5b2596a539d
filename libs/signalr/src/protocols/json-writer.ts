import type { HubMessage, Invocation, StreamInvocation } from './messages.js';
import { MESSAGE_TYPES } from './message-types.js';

/** Ends every message. JSON text escapes it, so that it cannot stand within one. */
export const RECORD_SEPARATOR = '\u001e';

const PING_TEXT = `{"type":${MESSAGE_TYPES.ping}}`;

/** One message as text, without the separator. Optional fields that do not apply are left out, never null. */
export function writeJson(message: HubMessage): string {
  switch (message.type) {
    case 'invocation':
      return writeInvocation(MESSAGE_TYPES.invocation, message);
    case 'stream-invocation':
      return writeInvocation(MESSAGE_TYPES.streamInvocation, message);
    case 'stream-item':
      return `${opening(MESSAGE_TYPES.streamItem, message.invocationId)},"item":${encodeJson(message.item)}}`;
    case 'completion':
      return `${opening(MESSAGE_TYPES.completion, message.invocationId)}${outcome(message)}}`;
    case 'cancel-invocation':
      return `${opening(MESSAGE_TYPES.cancelInvocation, message.invocationId)}}`;
    case 'ping':
      return PING_TEXT;
    default:
      return writeControl(message);
  }
}

/** Everything before the first argument, to be followed by the arguments and `]}`. */
export function invocationHead(type: number, target: string, invocationId?: string): string {
  return `${opening(type, invocationId)},"target":${JSON.stringify(target)},"arguments":[`;
}

/** A value of the application: bytes as base64, dates as ISO 8601. Throws `TypeError` for what JSON cannot hold. */
export function encodeJson(value: unknown): string {
  const isPlain = typeof value !== 'object' || value === null;
  // The replacer is slow, and most arguments are strings.
  const text = (isPlain ? JSON.stringify(value) : JSON.stringify(value, bytesAsBase64)) as string | undefined;
  return text ?? 'null';
}

function writeInvocation(type: number, message: Invocation | StreamInvocation): string {
  const { invocationId, target, args, streamIds = [] } = message;
  const streams = streamIds.length > 0 ? `,"streamIds":${JSON.stringify(streamIds)}` : '';
  return `${invocationHead(type, target, invocationId)}${args.map(encodeJson).join(',')}]${streams}}`;
}

function writeControl(message: Extract<HubMessage, { type: 'close' | 'ack' | 'sequence' }>): string {
  if (message.type !== 'close') {
    return JSON.stringify({ type: MESSAGE_TYPES[message.type], sequenceId: message.sequenceId });
  }
  const { error, allowReconnect } = message;
  return JSON.stringify({
    type: MESSAGE_TYPES.close,
    ...(error && { error }),
    ...(allowReconnect && { allowReconnect }),
  });
}

function opening(type: number, invocationId: string | undefined): string {
  return invocationId ? `{"type":${type},"invocationId":${JSON.stringify(invocationId)}` : `{"type":${type}`;
}

function outcome(message: Extract<HubMessage, { type: 'completion' }>): string {
  const { error, result, hasResult = result !== undefined } = message;
  if (error) return `,"error":${JSON.stringify(error)}`;
  return hasResult ? `,"result":${encodeJson(result)}` : '';
}

/** A `Buffer` has turned itself into an object by the time a replacer sees it: its holder still has the bytes. */
function bytesAsBase64(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const original = this[key];
  if (!(original instanceof Uint8Array)) return value;
  return Buffer.from(original.buffer, original.byteOffset, original.byteLength).toString('base64');
}
