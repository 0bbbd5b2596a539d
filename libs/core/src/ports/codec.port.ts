import type { Envelope, EventGuid, Presence } from '@ringback/contract';

/**
 * Encoded bytes ready to be sent, one character a byte (latin1). Text of this kind is joined without copying and written
 * by Node without a Buffer, which makes it as fast as bytes and simpler (measured: docs/performance.md).
 */
export type Frame = string;

/** Turns envelopes into the frames of one protocol: the costly half once, the subscriber's half (its cookie) once per subscribe. */
export interface Codec {
  readonly name: string;
  /** The cookie as it stands inside of a frame. Called once per subscribe, never on delivery. */
  encodeCookie(cookie: string): Frame;
  /**
   * Called once per envelope (and once more for the rare subscribers with a gap before it). The answer makes one
   * subscriber's frame by putting its encoded cookie in place; it is called per subscriber and must only concatenate.
   */
  prepare(envelope: Envelope, gap: boolean): (encodedCookie: Frame) => Frame;
  /** Tells that a subscription has ended otherwise than by a delivery. Absent where the protocol has no word for it. */
  encodeEnded?(eventguid: EventGuid): Frame;
  /** One frame for all who take part. Absent where the protocol has no presence. */
  encodePresence?(eventguid: EventGuid, presence: Presence): Frame;
}
