import type {
  Claims,
  ClusterKey,
  LeaseStore,
  Peers,
  Relay,
  SessionStore,
  SubscriptionStore,
} from '@ringback/core';
import type { ServerOptions } from 'socket.io';

/** What binds the nodes of a cluster together. Whoever opened it closes it. */
export interface ClusterPorts {
  readonly relay: Relay;
  readonly subscriptions: SubscriptionStore;
  readonly sessions: SessionStore;
  readonly leases: LeaseStore;
  readonly peers: Peers;
  readonly claims: Claims;
  readonly clusterKey: ClusterKey;
  /** Through which operators find Socket.IO connections on other nodes; absent where there are none. */
  readonly socketIoAdapter?: NonNullable<ServerOptions['adapter']>;
  /** Whether what is published now would reach this node, by proof of the last second. */
  healthy(): boolean;
  close(): Promise<void>;
}
