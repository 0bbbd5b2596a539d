import type { CloseReason } from '@ringback/contract';
import type { Codec, Frame } from './codec.port.js';

/** The write side of one live link to a client. Reading belongs to its gateway. */
export interface Connection {
  /** Unique in the cluster; text of the URL-safe characters. */
  readonly connectionId: string;
  /** The gateway that accepted it, for metrics and operators. */
  readonly gateway: string;
  readonly codec: Codec;
  /** Bytes that were handed over and that the operating system has not taken yet. */
  readonly bufferedBytes: number;
  /** How many bytes may wait before more is too much, where that is less than the limits of the hub say: of a client that polls. */
  readonly maxBufferedBytes?: number | undefined;
  /** How many subscriptions it may have; absent: as many as the limits of the hub say. */
  readonly maxSubscriptions?: number;
  /** Hands over frames, in order. Never throws and never waits: what a dead link is given is lost with it. */
  send(frames: readonly Frame[]): void;
  /**
   * Tells the client why, where the protocol can, and closes. The gateway then calls `Hub.disconnect`.
   * A second call does nothing.
   */
  close(reason: CloseReason): void;
}
