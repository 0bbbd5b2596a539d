import { Decoder } from '@msgpack/msgpack';
import type { HubProtocol, MessageReader } from './hub-protocol.js';
import type { HubMessage } from './messages.js';
import { ProtocolError } from './hub-protocol.js';
import { checkSize, HeldBytes } from './message-reader.js';
import { readElements } from './messagepack-elements.js';
import { checkShape, malformed } from './messagepack-shape.js';
import { elementsOf, encodeValue, frame } from './messagepack-writer.js';

const MAX_PREFIX_BYTES = 5;

/** MessagePack arrays, each after its length. Over transports that carry binary data. */
export const messagePackProtocol: HubProtocol = {
  name: 'messagepack',
  transferFormat: 'Binary',
  version: 2,
  reader: (maxMessageBytes) => new MessagePackReader(maxMessageBytes),
  write: (message) => frame([encodeValue(elementsOf(message))]),
};

const decoder = new Decoder();

/** Cuts by the declared lengths and reads each body once it is whole. */
class MessagePackReader implements MessageReader {
  private readonly held = new HeldBytes();

  constructor(private readonly maxMessageBytes: number) {}

  read(bytes: Uint8Array): readonly HubMessage[] {
    const all = this.held.followedBy(bytes);
    const messages: HubMessage[] = [];
    let start = 0;
    for (let cut = this.cut(all, start); cut !== undefined; cut = this.cut(all, start)) {
      const message = readElements(decodeBody(all.subarray(cut.bodyStart, cut.end)));
      if (message !== undefined) messages.push(message);
      start = cut.end;
    }
    this.held.hold(all, start);
    return messages;
  }

  /** Where the message at `start` stands, once it is whole. Too long is told by its length, before any of it is there. */
  private cut(all: Uint8Array, start: number): { bodyStart: number; end: number } | undefined {
    const prefix = readPrefix(all, start);
    if (prefix === undefined) return undefined;
    const end = prefix.bodyStart + prefix.bodyBytes;
    checkSize(end - start, this.maxMessageBytes);
    return end <= all.length ? { bodyStart: prefix.bodyStart, end } : undefined;
  }
}

/** `undefined` while the prefix itself is incomplete. */
function readPrefix(bytes: Uint8Array, start: number): { bodyStart: number; bodyBytes: number } | undefined {
  let bodyBytes = 0;
  for (let index = 0; index < MAX_PREFIX_BYTES; index += 1) {
    const byte = bytes[start + index];
    if (byte === undefined) return undefined;
    // No shift: the fifth group would overflow into the sign.
    bodyBytes += (byte & 0x7f) * 2 ** (7 * index);
    const isLast = index === MAX_PREFIX_BYTES - 1;
    if (isLast && byte > 7) throw new ProtocolError('Messages over 2GB in size are not supported.');
    if (byte < 0x80) return { bodyStart: start + index + 1, bodyBytes };
  }
  return undefined;
}

function decodeBody(body: Uint8Array): unknown {
  const { hasBinary } = checkShape(body);
  try {
    // Binary parts come out as views: on a copy, for the bytes of a transport are its own.
    return decoder.decode(hasBinary ? new Uint8Array(body) : body);
  } catch {
    // Well-formed, but with keys or extensions that no value here can have.
    throw malformed();
  }
}
