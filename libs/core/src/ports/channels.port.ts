/**
 * Channels between the nodes of a cluster, for a library at the edge that speaks between nodes by itself. Best effort: what is published while a node
 * does not follow is lost to it. They are kept apart from what the hub itself sends, which never waits behind them.
 */
export interface Channels {
  /**
   * What is published on the channel reaches the listener, and only this one, until the channel is left. Takes effect soon, and again by itself after a
   * loss of the link. What the listener throws is logged and goes no further.
   */
  follow(channel: string, onMessage: (message: Buffer) => void): void;
  /** Nothing reaches the listener any more. A channel that is not followed is left without complaint. */
  leave(channel: string): void;
  /** Resolves when the message is on its way, whether or not anybody follows; rejects with `relay-unavailable`. */
  publish(channel: string, message: Uint8Array): Promise<void>;
  /** How many nodes follow the channel, this one included. Rejects with `relay-unavailable`. */
  countFollowers(channel: string): Promise<number>;
}
