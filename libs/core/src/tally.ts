import type { Outbox } from './outbox.js';

/** What became of an envelope on this node, for whoever asked for a receipt. */
export interface Tally {
  /** Of the connections that it was pushed to. */
  readonly outboxes: readonly Outbox[];
  /** Subscriptions that hold it back, because they recover. */
  readonly held: number;
}
