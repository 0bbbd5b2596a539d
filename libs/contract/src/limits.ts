import { DEFAULT_INBOUND_LIMITS, type InboundLimits } from './inbound-limits.js';

/** What one hub accepts. Every bound has an error code of its own. */
export interface Limits extends InboundLimits {
  /** Longest cookie, in bytes of UTF-8 (`cookie-too-large`). */
  readonly cookieBytes: number;
  /** Longest data of one trigger, in bytes (`data-too-large`). */
  readonly dataBytes: number;
  /** Most subscriptions of one connection (`too-many-subscriptions`). */
  readonly subscriptionsPerConnection: number;
  /** Most connections of one node (`too-many-connections`). */
  readonly connectionsPerNode: number;
  /** Most connections of one node whose client is not admitted yet: it has sent no request, or its WebSocket has not said who it is. Others are accepted later. */
  readonly pendingConnections: number;
  /** Most of them from one address, where the address is known to be the client's. */
  readonly pendingConnectionsPerAddress: number;
  /** Most sessions of durable subscribers that are kept without a connection, in the whole cluster (`offline-session-limit`). */
  readonly sessionsAway: number;
  /** Most bytes that the durable subscribers of one identity keep in the cluster, offline or not (`durable-bytes-limit`). */
  readonly durableBytesPerIdentity: number;
  /** Most members of one event that a presence snapshot names; the others are only counted. */
  readonly presenceMembers: number;
  /** Most bytes that wait for one connection before it is closed with `slow-consumer`. */
  readonly outboxBytes: number;
  /** Most bytes that wait for all connections of a node together: beyond it the fullest are closed first, with `slow-consumer`. Absent: no bound. */
  readonly nodeOutboxBytes?: number;
  /** Most bytes that wait for a client that polls before more is too much (`slow-consumer`). Absent: 256 KiB, or four times the data of a trigger where that is more. */
  readonly pollBufferBytes?: number;
  /** Most subscriptions of one node (`node-subscription-limit`). */
  readonly subscriptionsPerNode: number;
  /** Most events that a cluster in memory knows (`too-many-events`). */
  readonly memoryEvents: number;
  /**
   * Most bytes of histories and idempotency keys that a cluster in memory keeps. Beyond it the histories that were written to least recently go, and
   * triggers with a key are refused where the keys alone are too many (`memory-full`). Absent: no bound.
   */
  readonly memoryBytes?: number;
}

export const DEFAULT_LIMITS: Limits = {
  ...DEFAULT_INBOUND_LIMITS,
  cookieBytes: 4 * 1024,
  dataBytes: 64 * 1024,
  subscriptionsPerConnection: 1_000,
  connectionsPerNode: 50_000,
  pendingConnections: 2_000,
  pendingConnectionsPerAddress: 200,
  sessionsAway: 100_000,
  durableBytesPerIdentity: 256 * 1024 * 1024,
  presenceMembers: 1_000,
  outboxBytes: 1024 * 1024,
  subscriptionsPerNode: 500_000,
  memoryEvents: 100_000,
};
