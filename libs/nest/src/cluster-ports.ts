import type {
  Channels,
  Claims,
  ClusterKey,
  LeaseStore,
  Peers,
  RecordStore,
  Relay,
  SessionStore,
  SubscriptionStore,
} from '@ringback/core';
import type { MemoryUse } from '@ringback/memory';

/** What binds the nodes of a cluster together. Whoever opened it closes it. */
export interface ClusterPorts {
  readonly relay: Relay;
  readonly subscriptions: SubscriptionStore;
  readonly sessions: SessionStore;
  readonly leases: LeaseStore;
  readonly peers: Peers;
  readonly claims: Claims;
  readonly clusterKey: ClusterKey;
  readonly records: RecordStore;
  /** For gateways that speak between nodes by themselves; absent where there is one node only. */
  readonly channels?: Channels;
  /** What one node by itself keeps in its memory; absent where Redis keeps it. */
  readonly memoryUse?: () => MemoryUse;
  /** Bytes that the durable subscribers of one identity keep, of the identity that keeps most, as this node last heard; absent where nobody counts them. */
  durableBytes?(): number;
  /** Whether what is published now would be kept and reach this node, by proof of the last second. */
  healthy(): boolean;
  /** The store's own word for why it refuses writes, `OOM` for instance; `undefined`, or absent, as long as it takes them. */
  refusal?(): string | undefined;
  /** How many entries were found in the store, or came over its channels, that no node can have written; absent where that cannot be. */
  unreadable?(): number;
  close(): Promise<void>;
}
