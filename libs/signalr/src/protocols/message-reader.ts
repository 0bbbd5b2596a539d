import type { Invocation, Ping } from './messages.js';
import { ProtocolError } from './hub-protocol.js';

/** Lists and objects within each other, the envelope included. What .NET reads by default; deeper than this is an attack. */
export const MAX_DEPTH = 64;

/** Every ping is the same one: a flood of them costs no memory. */
export const PING: Ping = { type: 'ping' };

const EMPTY = new Uint8Array(0);

/**
 * The beginning of a message whose end has not come yet. Grows by doubling, so that a message cut into single bytes costs no more than one
 * that comes whole, and lets go of its memory with the message: an idle connection holds nothing.
 */
export class HeldBytes {
  private buffer: Uint8Array = EMPTY;
  private heldBytes = 0;

  get length(): number {
    return this.heldBytes;
  }

  /** What is held, then `bytes`. Good until the next call; not copied when nothing is held. */
  followedBy(bytes: Uint8Array): Uint8Array {
    if (this.heldBytes === 0) return bytes;
    const needed = this.heldBytes + bytes.length;
    if (needed > this.buffer.length) this.grow(needed);
    this.buffer.set(bytes, this.heldBytes);
    return this.buffer.subarray(0, needed);
  }

  /** Holds what `followedBy` answered, from `consumed` on, and forgets the rest. */
  hold(all: Uint8Array, consumed: number): void {
    const isGrown = consumed === 0 && all.buffer === this.buffer.buffer;
    // Copied otherwise: the bytes of a transport are its own, and a view would keep the whole chunk alive.
    if (!isGrown) this.buffer = consumed === all.length ? EMPTY : new Uint8Array(all.subarray(consumed));
    this.heldBytes = all.length - consumed;
  }

  private grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.buffer.length * 2));
    grown.set(this.buffer.subarray(0, this.heldBytes));
    this.buffer = grown;
  }
}

/** Throws once a message, framing included, is known to be longer than allowed. */
export function checkSize(messageBytes: number, maxMessageBytes: number): void {
  if (messageBytes <= maxMessageBytes) return;
  throw new ProtocolError(
    `The maximum message size of ${maxMessageBytes}B was exceeded. The message size can be configured in AddHubOptions.`,
  );
}

/** The parts of an invocation that may be left out, and are when they say nothing. */
export function optionalParts(
  invocationId: string | undefined,
  streamIds: readonly string[],
): Pick<Invocation, 'invocationId' | 'streamIds'> {
  return { ...(invocationId && { invocationId }), ...(streamIds.length > 0 && { streamIds }) };
}
