import type { Close, Completion, HubMessage, Invocation } from './messages.js';
import { ProtocolError } from './hub-protocol.js';
import { optionalParts, PING } from './message-reader.js';
import { MESSAGE_TYPES } from './message-types.js';
import { RESULT_KINDS } from './messagepack-writer.js';

type Elements = readonly unknown[];

/**
 * The message, or `undefined` for a type that this version does not know. Elements that are not there read like elements of the wrong type;
 * more of them than expected are left alone. The errors are those of .NET.
 */
export function readElements(value: unknown): HubMessage | undefined {
  if (!Array.isArray(value)) throw new ProtocolError("Reading array length for 'message' failed.");
  const elements: Elements = value;
  switch (integer(elements[0], 'messageType', 'Int32')) {
    case MESSAGE_TYPES.ping:
      return PING;
    case MESSAGE_TYPES.close:
      return readClose(elements);
    case MESSAGE_TYPES.ack:
      return { type: 'ack', sequenceId: sequenceId(elements[1]) };
    case MESSAGE_TYPES.sequence:
      return { type: 'sequence', sequenceId: sequenceId(elements[1]) };
    default:
      return readWithHeaders(elements);
  }
}

function readWithHeaders(elements: Elements): HubMessage | undefined {
  switch (elements[0]) {
    case MESSAGE_TYPES.invocation:
      return readInvocation(elements, 'Invocation');
    case MESSAGE_TYPES.streamInvocation:
      return readStreamInvocation(elements);
    case MESSAGE_TYPES.streamItem:
      return readStreamItem(elements);
    case MESSAGE_TYPES.completion:
      return readCompletion(elements);
    case MESSAGE_TYPES.cancelInvocation:
      return { type: 'cancel-invocation', invocationId: idAfterHeaders(elements, 'CancelInvocation') };
    default:
      return undefined;
  }
}

function readInvocation(elements: Elements, kind: 'Invocation' | 'StreamInvocation'): Invocation {
  checkHeaders(elements[1]);
  const invocationId = nullableString(elements[2], 'invocationId') ?? undefined;
  const target = filled(nullableString(elements[3], 'target'), `target for ${kind} message`);
  const args = list(elements[4], 'arguments');
  const streamIds = elements.length > 5 ? readStreamIds(elements[5]) : [];
  return { type: 'invocation', target, args, ...optionalParts(invocationId, streamIds) };
}

function readStreamInvocation(elements: Elements): HubMessage {
  const invocationId = idAfterHeaders(elements, 'StreamInvocation');
  return { ...readInvocation(elements, 'StreamInvocation'), type: 'stream-invocation', invocationId };
}

function readStreamItem(elements: Elements): HubMessage {
  const invocationId = idAfterHeaders(elements, 'StreamItem');
  if (elements.length < 4) throw new ProtocolError("Deserializing object of the 'item' failed.");
  return { type: 'stream-item', invocationId, item: elements[3] };
}

function readCompletion(elements: Elements): Completion {
  const invocationId = idAfterHeaders(elements, 'Completion');
  switch (integer(elements[3], 'resultKind', 'Int32')) {
    case RESULT_KINDS.error:
      return failure(invocationId, nullableString(elements[4], 'error'));
    case RESULT_KINDS.none:
      return { type: 'completion', invocationId };
    case RESULT_KINDS.value:
      if (elements.length < 5) throw new ProtocolError("Deserializing object of the 'argument' failed.");
      return { type: 'completion', invocationId, hasResult: true, result: elements[4] };
    default:
      throw new ProtocolError('Invalid invocation result kind.');
  }
}

/** An error without a text counts as none. */
function failure(invocationId: string, error: string | null): Completion {
  return { type: 'completion', invocationId, ...(error && { error }) };
}

function readClose(elements: Elements): Close {
  const error = nullableString(elements[1], 'error');
  const allowReconnect = elements.length > 2 && boolean(elements[2], 'allowReconnect');
  return { type: 'close', ...(error && { error }), ...(allowReconnect && { allowReconnect }) };
}

function readStreamIds(value: unknown): readonly string[] {
  return list(value, 'streamIds').map((id) =>
    filled(nullableString(id, 'streamIds'), 'value in streamIds received'),
  );
}

function idAfterHeaders(elements: Elements, kind: string): string {
  checkHeaders(elements[1]);
  return filled(nullableString(elements[2], 'invocationId'), `invocation ID for ${kind} message`);
}

/** They are read by nobody, so that only being a map is asked of them. */
function checkHeaders(value: unknown): void {
  const isMap =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  if (!isMap) throw new ProtocolError("Reading map length for 'headers' failed.");
}

function filled(value: string | null, what: string): string {
  if (!value) throw new ProtocolError(`Null or empty ${what}.`);
  return value;
}

function nullableString(value: unknown, field: string): string | null {
  if (value !== null && typeof value !== 'string') throw failed(field, 'String');
  return value;
}

function boolean(value: unknown, field: string): boolean {
  if (typeof value !== 'boolean') throw failed(field, 'Boolean');
  return value;
}

function list(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ProtocolError(`Reading array length for '${field}' failed.`);
  return value;
}

function sequenceId(value: unknown): number {
  const id = integer(value, 'sequenceId', 'Int64');
  if (id < 0) throw failed('sequenceId', 'Int64');
  return id;
}

function integer(value: unknown, field: string, type: 'Int32' | 'Int64'): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw failed(field, type);
  return value;
}

function failed(field: string, type: 'String' | 'Boolean' | 'Int32' | 'Int64'): ProtocolError {
  return new ProtocolError(`Reading '${field}' as ${type} failed.`);
}
