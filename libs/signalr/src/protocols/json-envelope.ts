import type { Close, Completion, HubMessage, Invocation } from './messages.js';
import { ProtocolError } from './hub-protocol.js';
import { optionalParts, PING } from './message-reader.js';
import { MESSAGE_TYPES } from './message-types.js';

/** A parsed message of which nothing but being an object is known. */
export type Envelope = Readonly<Record<string, unknown>>;

/** The message, or `undefined` for a type that this version does not know. The errors are those of .NET, in its order. */
export function readEnvelope(envelope: Envelope): HubMessage | undefined {
  switch (typeOf(envelope)) {
    case MESSAGE_TYPES.invocation:
      return readInvocation(envelope);
    case MESSAGE_TYPES.streamInvocation:
      return { ...readInvocation(envelope), type: 'stream-invocation', invocationId: requiredId(envelope) };
    case MESSAGE_TYPES.streamItem:
      return { type: 'stream-item', invocationId: requiredId(envelope), item: required(envelope, 'item') };
    case MESSAGE_TYPES.completion:
      return readCompletion(envelope);
    case MESSAGE_TYPES.cancelInvocation:
      return { type: 'cancel-invocation', invocationId: requiredId(envelope) };
    case MESSAGE_TYPES.ping:
      return PING;
    case MESSAGE_TYPES.close:
      return readClose(envelope);
    case MESSAGE_TYPES.ack:
      return { type: 'ack', sequenceId: sequenceId(envelope) };
    case MESSAGE_TYPES.sequence:
      return { type: 'sequence', sequenceId: sequenceId(envelope) };
    default:
      return undefined;
  }
}

/** `undefined` for a field that is not there; `null` is not a string. */
export function optionalString(envelope: Envelope, name: string): string | undefined {
  const value = envelope[name];
  if (value !== undefined && typeof value !== 'string') throw wrongType(name, 'String');
  return value;
}

/** A whole number. */
export function requiredInteger(envelope: Envelope, name: string): number {
  const value = required(envelope, name);
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrongType(name, 'Number');
  return value;
}

/** Missing and empty are the same for names and ids. */
export function missing(name: string): ProtocolError {
  return new ProtocolError(`Missing required property '${name}'.`);
}

function typeOf(envelope: Envelope): number {
  return requiredInteger(envelope, 'type');
}

function sequenceId(envelope: Envelope): number {
  const value = requiredInteger(envelope, 'sequenceId');
  if (value < 0) throw wrongType('sequenceId', 'Number');
  return value;
}

function readInvocation(envelope: Envelope): Invocation {
  const invocationId = optionalString(envelope, 'invocationId');
  const target = optionalString(envelope, 'target');
  if (!target) throw missing('target');
  const args = list(envelope, 'arguments');
  if (args === undefined) throw missing('arguments');
  return { type: 'invocation', target, args, ...optionalParts(invocationId, streamIds(envelope)) };
}

function readCompletion(envelope: Envelope): Completion {
  const invocationId = requiredId(envelope);
  const error = optionalString(envelope, 'error');
  const hasResult = envelope['result'] !== undefined;
  if (error && hasResult) {
    throw new ProtocolError("The 'error' and 'result' properties are mutually exclusive.");
  }
  if (error) return { type: 'completion', invocationId, error };
  return { type: 'completion', invocationId, ...(hasResult && { hasResult, result: envelope['result'] }) };
}

function readClose(envelope: Envelope): Close {
  const error = optionalString(envelope, 'error');
  const allowReconnect = envelope['allowReconnect'];
  if (allowReconnect !== undefined && typeof allowReconnect !== 'boolean') {
    throw new ProtocolError("Expected 'allowReconnect' to be true or false.");
  }
  return { type: 'close', ...(error && { error }), ...(allowReconnect && { allowReconnect }) };
}

function requiredId(envelope: Envelope): string {
  const invocationId = optionalString(envelope, 'invocationId');
  if (!invocationId) throw missing('invocationId');
  return invocationId;
}

function required(envelope: Envelope, name: string): unknown {
  const value = envelope[name];
  if (value === undefined) throw missing(name);
  return value;
}

function streamIds(envelope: Envelope): readonly string[] {
  const ids = list(envelope, 'streamIds') ?? [];
  return ids.map((id) => {
    if (typeof id !== 'string') throw wrongType('streamIds', 'String');
    return id;
  });
}

function list(envelope: Envelope, name: string): readonly unknown[] | undefined {
  const value = envelope[name];
  if (value !== undefined && !Array.isArray(value)) throw wrongType(name, 'Array');
  return value;
}

function wrongType(name: string, type: 'String' | 'Number' | 'Array'): ProtocolError {
  return new ProtocolError(`Expected '${name}' to be of type ${type}.`);
}
