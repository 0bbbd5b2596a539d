import type {
  Claims,
  ClusterKey,
  LeaseId,
  LeaseStore,
  Peers,
  RecordStore,
  Relay,
  SessionStore,
  SubscriptionStore,
} from '@ringback/core';

/** The ports of one node. */
export interface NodePorts {
  readonly relay: Relay;
  readonly subscriptions: SubscriptionStore;
  readonly sessions: SessionStore;
  readonly leases: LeaseStore;
  readonly peers: Peers;
  readonly claims: Claims;
  readonly clusterKey: ClusterKey;
  readonly records: RecordStore;
}

/** What a test needs otherwise than the adapter's defaults. */
export interface PortClusterOptions {
  /** How much history each event keeps. */
  readonly history?: { readonly envelopes: number; readonly ageMs: number; readonly bytes: number };
  readonly leaseMs?: number;
  /** How long a session is kept without a connection, and what cuts have ended of it. */
  readonly sessionTtlMs?: number;
  /** Most sessions that are kept without a connection. */
  readonly sessionsAway?: number;
  /** Most bytes that the durable sessions of one identity keep. */
  readonly durableBytesPerIdentity?: number;
}

/** Nodes over one shared store: what the spec of an adapter gives the suites. Each test gets one that is empty. */
export interface PortCluster {
  node(): Promise<NodePorts>;
  /** Lets a lease run out now, as if its node had not renewed it in time. Nothing that was put under it changes. */
  expireLease(lease: LeaseId): Promise<void>;
  /** What is shared starts anew, under another run id: with everything that it held, or with nothing. */
  restart(options: { readonly keep: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** Makes an empty cluster. */
export type PortClusterFactory = (options?: PortClusterOptions) => Promise<PortCluster>;
