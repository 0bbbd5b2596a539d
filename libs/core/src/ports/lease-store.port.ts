import type { Page, PageRequest } from './page.js';
import type { LeaseId } from './subscription-store.port.js';

/** What a node holds at this moment. */
export interface NodeFigures {
  readonly connections: number;
  readonly subscriptions: number;
  /** Events that the node follows. */
  readonly events: number;
  /** Bytes that wait for its connections. */
  readonly outboxBytes: number;
}

/** A node as the cluster knows it. */
export interface NodeLease extends LeaseId {
  /** Where the other nodes reach it, as `http://host:port`. */
  readonly address: string;
  readonly version: string;
  /** In milliseconds since 1970. */
  readonly startedAt: number;
  readonly figures: NodeFigures;
}

/** Time-limited claims of the nodes to be alive. */
export interface LeaseStore {
  /** Takes the lease of a new generation. Once it resolves, the others see the node. */
  take(lease: NodeLease): Promise<void>;
  /** Renews it with new figures. Resolves to `false` if it has run out: what it held may be swept, and a new generation is due. */
  renew(lease: NodeLease): Promise<boolean>;
  /** Gives it up. Called when the node holds nothing any more. */
  release(lease: LeaseId): Promise<void>;
  /** Who holds a lease now. */
  nodes(page: PageRequest): Promise<Page<NodeLease>>;
  node(nodeId: string): Promise<NodeLease | undefined>;
  /**
   * Removes the subscriptions of leases that have run out; each lease is swept by one node at a time, and only what that
   * generation put is removed. Resolves to the number of subscriptions that this call removed.
   */
  sweep(): Promise<number>;
}
