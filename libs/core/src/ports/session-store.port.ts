import type { EventGuid, Position } from '@ringback/contract';
import type { Page, PageRequest } from './page.js';
import type { LeaseId } from './subscription-store.port.js';

/** A session as it was taken: whoever holds an older generation may change nothing. */
export interface HeldSession {
  /** `n:<identity>/<subscriberId>` */
  readonly subscriber: string;
  /** Grows with each taking; that of a session made anew is greater than any that the subscriber had before. */
  readonly generation: number;
}

/** The connection that a session is at. */
export interface SessionHolder {
  readonly nodeId: string;
  readonly connectionId: string;
}

/** A session to be taken by a connection of this node. */
export interface SessionClaim {
  readonly subscriber: string;
  readonly connectionId: string;
  readonly lease: LeaseId;
}

/** An event that a session holds: a subscription, or one that a cut has ended and that is not acknowledged yet. */
export interface SessionEvent {
  readonly eventguid: EventGuid;
  /** Everything up to here has been processed; absent where nothing was acknowledged yet. */
  readonly acknowledged?: Position;
}

/** A session that was taken just now. */
export interface TakenSession {
  readonly generation: number;
  /** The connection that held it until now, where one did. */
  readonly replaced?: SessionHolder;
  readonly events: readonly SessionEvent[];
}

/** What operators see of a session. */
export interface SessionSummary {
  readonly subscriber: string;
  /** Absent while it is away. */
  readonly holder?: SessionHolder;
  /** When it was taken, acknowledged something or was left last, in milliseconds since 1970. */
  readonly lastSeenAt: number;
  /** When it ends unless somebody takes it, in milliseconds since 1970; absent while it is held. */
  readonly expiresAt?: number;
  readonly events: readonly SessionEvent[];
}

/**
 * What of named subscribers outlasts their connections: who holds the session, which events it holds (kept by
 * `SubscriptionStore`, which adds and takes off) and how far each was acknowledged. All reject with `relay-unavailable` within 2 s.
 */
export interface SessionStore {
  /**
   * Takes the session over under a new generation, whoever held it; makes it if there is none. Rejects with `offline-session-limit` if it
   * would be new and the cluster keeps as many as it may, with `relay-unavailable` also while it is just being ended.
   */
  take(claim: SessionClaim): Promise<TakenSession>;
  /**
   * Notes how far events were processed. Cumulative: within an epoch it never goes back; a position of another epoch replaces. Events that the
   * session does not hold are left out. Resolves to `false`, with nothing noted, if the generation is not the present one.
   */
  acknowledge(session: HeldSession, positions: ReadonlyMap<EventGuid, Position>): Promise<boolean>;
  /**
   * The connection has ended: the session is away and ends after its time to live; one that holds no event ends at once. Does nothing if the
   * generation is not the present one.
   */
  leave(session: HeldSession): Promise<void>;
  /** A `take` has failed, whose fate is unknown: if the session is held by this very connection, it is away now. */
  abandon(claim: SessionClaim): Promise<void>;
  /**
   * Makes the session as it was, after the store or the lease was lost. Resolves to `false` if it was taken over meanwhile. Its subscriptions are put
   * again by `SubscriptionStore.restore`.
   */
  restore(
    claim: SessionClaim,
    generation: number,
    acknowledged: ReadonlyMap<EventGuid, Position>,
  ): Promise<boolean>;
  /** Which of the sessions are still held under these generations, in the same order. */
  held(sessions: readonly HeldSession[]): Promise<readonly boolean[]>;
  find(subscriber: string): Promise<SessionSummary | undefined>;
  /** Sessions that are away, those that end soonest first. */
  away(page: PageRequest): Promise<Page<SessionSummary>>;
  /** Ends the sessions that have been away for their time to live, with all that they hold. Resolves to how many this call ended. */
  expire(): Promise<number>;
}
