import { decode, decodeMulti, encode } from '@msgpack/msgpack';
import type { BackplaneMessage } from '@ringback/signalr';
import { fieldsOf, readMessage } from './message-fields.js';

/** First byte of all that is published; another one is not read. */
const VERSION = 1;

/**
 * One message as it travels: a MessagePack array, as bytes, so that one that cannot be read leaves those behind it whole. Throws for
 * arguments that MessagePack cannot hold, or give back.
 */
export function encodeMessage(message: BackplaneMessage): Uint8Array {
  const fields = encode(fieldsOf(message), { ignoreUndefined: true });
  if (message.type === 'invoke' || message.type === 'answer') decode(fields); // what applications and clients say
  return encode(fields);
}

/** The data of one envelope: a version, then messages one behind the other. */
export function joinMessages(messages: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Buffer.of(VERSION), ...messages]);
}

/** The messages of an envelope, in order; `onUnreadable` is told of what is none, or of a kind that only newer nodes know. */
export function* splitMessages(
  data: Uint8Array | string,
  onUnreadable: (error?: unknown) => void,
): Iterable<BackplaneMessage> {
  try {
    for (const bytes of valuesIn(data)) {
      const message = messageIn(bytes, onUnreadable);
      if (message) yield message;
    }
  } catch (error) {
    onUnreadable(error);
  }
}

function messageIn(bytes: unknown, onUnreadable: (error?: unknown) => void): BackplaneMessage | undefined {
  try {
    const message = bytes instanceof Uint8Array ? readMessage(decode(bytes)) : undefined;
    if (!message) onUnreadable();
    return message;
  } catch (error) {
    onUnreadable(error);
    return undefined;
  }
}

function valuesIn(data: Uint8Array | string): Iterable<unknown> {
  if (typeof data === 'string') throw new TypeError('Messages between nodes are bytes.');
  if (data[0] !== VERSION) throw new TypeError(`Version ${data[0]} of messages between nodes is not known.`);
  return decodeMulti(data.subarray(1));
}
