import type { EventGuid, Position } from '@ringback/contract';
import type { Page, PageRequest } from './page.js';
import type { Relayed } from './relay.port.js';

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
  /** Whether it is seen by those who ask for presence, and sees them. Never with named subscribers. */
  readonly presence?: true;
}

/** What the store holds of one event for a named subscriber who comes back. */
export interface Resumption {
  /** Where the event stands. */
  readonly position: Position;
  /** What comes after this offset is still kept. */
  readonly keptAfter: number;
  /** Oldest first: those that cuts have ended and that are not settled yet, then the one that stands, if there is one. */
  readonly subscriptions: readonly ResumedSubscription[];
}

export interface ResumedSubscription {
  readonly subscriptionId: string;
  readonly cookie: string;
  readonly since: Position;
  readonly madeAt: number;
  /** What comes after this offset is still to be delivered: the later of `since` and `seen`, counted in the present epoch. */
  readonly from: number;
  /** Whether everything after `from` is still kept (the envelope of `cut` always is). */
  readonly recovered: boolean;
  /** The one-shot that has ended it. */
  readonly cut?: Relayed;
}

/** Who is present at an event. */
export interface Members {
  /** The subscribers' names, at most as many as were asked for. */
  readonly members: readonly string[];
  readonly total: number;
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

/** Whether a subscriber is a named one, whose subscriptions outlast its connections. */
export function isNamed(subscriber: string): boolean {
  return subscriber.startsWith('n:');
}

/**
 * The cluster-wide truth about who is subscribed. Delivery never asks it. A cut ends the stored subscriptions; those of named subscribers are
 * kept beside the event with the cut's envelope until they are settled, or for the time to live of a session.
 */
export interface SubscriptionStore {
  /**
   * Makes the subscription, or changes only the cookie of the one that the subscriber has. Atomic with triggers: it stands
   * at one position. Rejects with `relay-unavailable` within 2 s: it may or may not be stored then.
   * Rejects with `durable-bytes-limit`, and nothing is changed, if the subscriber is a named one and its identity would keep more than it may.
   */
  put(subscription: NewSubscription): Promise<PutResult>;
  /**
   * Puts subscriptions again that were stored before, with their own `since` and id, after the store or the lease was lost.
   * One that a newer put has replaced stays as it is.
   */
  restore(subscriptions: readonly StoredSubscription[]): Promise<void>;
  /**
   * Resolves to whether this call ended the subscription, those of a named subscriber that cuts have ended included. With `tell`, every node
   * that follows the event hears of it.
   */
  remove(eventguid: EventGuid, subscriber: string, tell?: 'tell-nodes'): Promise<boolean>;
  /** Forgets that the subscriber holds the event, where a cut has ended the subscription already. */
  forget(eventguid: EventGuid, subscriber: string): Promise<void>;
  /**
   * What the event holds for a named subscriber, now under the lease. `seen` is how far it has come: acknowledged, or told by the client. Atomic with
   * triggers: what comes after the answered position is not part of it.
   */
  resume(
    eventguid: EventGuid,
    subscriber: string,
    lease: LeaseId,
    seen: Position | undefined,
  ): Promise<Resumption>;
  /**
   * The subscriber has acknowledged up to the position: subscriptions of its that were ended by cuts up to there are forgotten. Resolves to the offset
   * that the position counts as; one of a closed epoch says nothing about what came after its end.
   */
  settle(eventguid: EventGuid, subscriber: string, upTo: Position): Promise<number>;
  /** Who is present at the event, `limit` names of them. */
  present(eventguid: EventGuid, limit: number): Promise<Members>;
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
