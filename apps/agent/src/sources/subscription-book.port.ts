import type { ErrorCode } from '@ringback/contract';

/** What the agent is to be subscribed to at a hub. */
export interface WantedSubscription {
  readonly eventguid: string;
  readonly cookie: string;
  /** Whether it ends with its first ticket. */
  readonly once: boolean;
  /** Of the tickets made from it. */
  readonly keepReceiptMinutes: number;
}

/** A subscription as the book has it. */
export interface BookEntry extends WantedSubscription {
  /** Who wants it. What the configuration wants, it alone changes. */
  readonly wantedBy: 'configuration' | 'operator';
  /** `ending` until the hub knows; `refused` with the hub's error. */
  readonly state: 'pending' | 'active' | 'refused' | 'ending';
  readonly error?: ErrorCode;
  /** Another one each time that somebody wants it. */
  readonly version: string;
}

/** What all agents that share a store want of their hubs. Everything rejects with `relay-unavailable` while the store does not answer. */
export interface SubscriptionBook {
  list(hub: string): Promise<readonly BookEntry[]>;
  get(hub: string, eventguid: string): Promise<BookEntry | undefined>;
  /**
   * Resolves to whether the entry of the event was `before` (`undefined`: none) and is `after` (`undefined`: none) now. Of several at once one
   * succeeds.
   */
  replace(hub: string, before: BookEntry | undefined, after: BookEntry | undefined): Promise<boolean>;
  /** Grows with every change of a hub's entries. */
  revision(hub: string): Promise<number>;
}
