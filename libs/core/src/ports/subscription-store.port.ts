import type { EventGuid, Position } from '@ringback/contract';
import type { Page, PageRequest } from './page.js';

/** The lease under which a node puts subscriptions: a node that loses its lease goes on under a new generation. */
export interface LeaseId {
  readonly nodeId: string;
  readonly generation: string;
}

/** A subscription as the cluster knows it. */
export interface StoredSubscription {
  readonly eventguid: EventGuid;
  /** `c:<connectionId>`; `n:<identity>/<subscriberId>` for named ones. */
  readonly subscriber: string;
  /** Identity of this one subscription: another one of the same subscriber after a cut has another. */
  readonly subscriptionId: string;
  readonly cookie: string;
  /** What is delivered comes after this position. */
  readonly since: Position;
  readonly lease: LeaseId;
  /** When it was made, in milliseconds since 1970. */
  readonly madeAt: number;
}

/** A subscription to be put. `subscriptionId` counts only if the subscriber has none for the event yet. */
export type NewSubscription = Omit<StoredSubscription, 'since' | 'madeAt'> & {
  /** Continue from here: becomes `since` if what came after it is still kept. */
  readonly after?: Position;
};

/** What the store made of a put. */
export interface PutResult {
  /** The given id if the subscription is new; the kept one if only its cookie changed. */
  readonly subscriptionId: string;
  readonly since: Position;
  /** The event's position at the moment of the put: the cookie counts for what comes after it. */
  readonly position: Position;
  /** Present if `after` was given: whether everything after it is still kept. */
  readonly recovered?: boolean;
  /** A one-shot after `after` has ended the subscription: nothing was stored. */
  readonly ended?: boolean;
}

/** What operators see of an event. */
export interface EventSummary {
  readonly eventguid: EventGuid;
  readonly position: Position;
  /** Stored subscriptions. */
  readonly subscribers: number;
  /** Envelopes kept. */
  readonly kept: number;
}

/** The cluster-wide truth about who is subscribed. Delivery never asks it. */
export interface SubscriptionStore {
  /**
   * Makes the subscription, or changes only the cookie of the one that the subscriber has. Atomic with triggers: it stands
   * at one position. Rejects with `relay-unavailable` within 2 s: it may or may not be stored then.
   */
  put(subscription: NewSubscription): Promise<PutResult>;
  /**
   * Puts subscriptions again that were stored before, with their own `since` and id, after the store or the lease was lost.
   * One that a newer put has replaced stays as it is.
   */
  restore(subscriptions: readonly StoredSubscription[]): Promise<void>;
  /** Resolves to whether this call ended the subscription. With `tell`, every node that follows the event hears of it. */
  remove(eventguid: EventGuid, subscriber: string, tell?: 'tell-nodes'): Promise<boolean>;
  /** Forgets that the subscriber holds the event, where a cut has ended the subscription already. */
  forget(eventguid: EventGuid, subscriber: string): Promise<void>;
  /** Ends all that the subscriber of the lease holds; `eventguids` names at least these. */
  removeSubscriber(subscriber: string, lease: LeaseId, eventguids: readonly EventGuid[]): Promise<void>;
  find(eventguid: EventGuid, subscriber: string): Promise<StoredSubscription | undefined>;
  subscriptions(eventguid: EventGuid, page: PageRequest): Promise<Page<StoredSubscription>>;
  /** `undefined` if nobody has subscribed to or triggered it within its memory. */
  event(eventguid: EventGuid): Promise<EventSummary | undefined>;
  /** Every event that somebody is subscribed to, and those triggered of late. */
  events(page: PageRequest): Promise<Page<EventSummary>>;
  /** Says that the events are still in use, so that `events` goes on showing them. */
  touch(eventguids: readonly EventGuid[]): Promise<void>;
}
