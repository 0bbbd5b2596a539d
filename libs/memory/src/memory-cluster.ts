import {
  HistoryPolicy,
  type Claims,
  type Clock,
  type ClusterKey,
  type HistoryOptions,
  type LeaseId,
  type LeaseStore,
  type Peers,
  type RecordStore,
  type Relay,
  type SessionStore,
  type SubscriptionStore,
} from '@ringback/core';
import { DEFAULT_LIMITS } from '@ringback/contract';
import { randomUUID } from 'node:crypto';
import { DurableBytes } from './durable-bytes.js';
import { EventTable } from './event-table.js';
import { HeldEvents } from './held-events.js';
import { MemoryBudget, type MemoryUse } from './memory-budget.js';
import { Mailbox } from './mailbox.js';
import { Mailboxes } from './mailboxes.js';
import { MemoryClaims } from './memory-claims.js';
import { MemoryClusterKey } from './memory-cluster-key.js';
import { MemoryLeaseStore } from './memory-lease-store.js';
import { MemoryPeers } from './memory-peers.js';
import { MemoryRecordStore } from './memory-record-store.js';
import { MemoryRelay } from './memory-relay.js';
import { MemorySessionStore } from './memory-session-store.js';
import { MemorySubscriptionStore } from './memory-subscription-store.js';
import { SubscriberEndings } from './subscriber-endings.js';
import { SystemClock } from './system-clock.js';

const DEFAULT_LEASE_MS = 15_000;
const DEFAULT_SESSION_TTL_MS = 24 * 3_600_000;

/** What a cluster in memory is given. */
export interface MemoryClusterOptions {
  /** Default: the time of the system. */
  readonly clock?: Clock;
  /** How much history each event keeps. Default: 1,000 envelopes, 10 minutes, 1 MiB. */
  readonly history?: HistoryOptions;
  /** How long a lease lasts that is not renewed. Default: 15 s. */
  readonly leaseMs?: number;
  /** How long a session is kept without a connection, and what cuts have ended of it. Default: 24 h. */
  readonly sessionTtlMs?: number;
  /** Most sessions that are kept without a connection. Default: 100,000. */
  readonly sessionsAway?: number;
  /** Most bytes that the durable sessions of one identity keep. Default: 256 MiB. */
  readonly durableBytesPerIdentity?: number;
  /** Most events that are known. Default: 100,000. */
  readonly memoryEvents?: number;
  /** Most bytes of histories and idempotency keys. Default: no bound. */
  readonly memoryBytes?: number;
}

/** The ports of one node. */
export interface MemoryNode {
  readonly relay: Relay;
  readonly subscriptions: SubscriptionStore;
  readonly sessions: SessionStore;
  readonly leases: LeaseStore;
  readonly peers: Peers;
  readonly claims: Claims;
  readonly clusterKey: ClusterKey;
  readonly records: RecordStore;
}

/** Stands where Redis stands: what its nodes share, in the memory of one process. */
export class MemoryCluster {
  private readonly clock: Clock;
  private readonly events: EventTable;
  private readonly durable: DurableBytes;
  private readonly held: HeldEvents;
  private readonly mailboxes = new Mailboxes();
  private readonly subscriptions: MemorySubscriptionStore;
  private readonly sessions: MemorySessionStore;
  private readonly leases: MemoryLeaseStore;
  private readonly peers = new MemoryPeers();
  private readonly claims: MemoryClaims;
  private readonly clusterKey = new MemoryClusterKey();
  private readonly records: MemoryRecordStore;

  constructor({
    clock = new SystemClock(),
    history,
    leaseMs = DEFAULT_LEASE_MS,
    sessionTtlMs = DEFAULT_SESSION_TTL_MS,
    sessionsAway = DEFAULT_LIMITS.sessionsAway,
    durableBytesPerIdentity = DEFAULT_LIMITS.durableBytesPerIdentity,
    memoryEvents = DEFAULT_LIMITS.memoryEvents,
    memoryBytes = Infinity,
  }: MemoryClusterOptions = {}) {
    this.clock = clock;
    this.claims = new MemoryClaims(clock);
    this.records = new MemoryRecordStore(clock);
    this.durable = new DurableBytes(durableBytesPerIdentity);
    this.held = new HeldEvents(this.durable);
    const { held, mailboxes } = this;
    const budget = new MemoryBudget({ events: memoryEvents, bytes: memoryBytes });
    const policy = new HistoryPolicy(history);
    const events = new EventTable(clock, policy, sessionTtlMs, randomUUID(), budget);
    const endings = new SubscriberEndings(events, held, mailboxes);
    const sessionLimits = { ttlMs: sessionTtlMs, mostAway: sessionsAway };
    this.events = events;
    this.subscriptions = new MemorySubscriptionStore(events, held, endings, mailboxes, clock);
    this.sessions = new MemorySessionStore(events, held, endings, clock, sessionLimits);
    this.leases = new MemoryLeaseStore(events, endings, this.sessions, clock, leaseMs);
  }

  /** What it keeps of what its limits bound. */
  get memoryUse(): MemoryUse {
    return this.events.memoryUse;
  }

  /** Bytes that the durable subscribers of one identity keep, of the one that keeps most. */
  get durableBytes(): number {
    return this.durable.fullest;
  }

  /** A further node. */
  node(): MemoryNode {
    const { events, mailboxes, clock } = this;
    const { subscriptions, sessions, leases, peers, claims, clusterKey, records } = this;
    const mailbox = new Mailbox();
    mailboxes.add(mailbox);
    return {
      relay: new MemoryRelay(events, mailbox, mailboxes, clock),
      subscriptions,
      sessions,
      leases,
      peers,
      claims,
      clusterKey,
      records,
    };
  }

  /** Does to the nodes what a restart of Redis does: every event opens a new epoch, with all that was kept or with nothing. */
  restart({ keep }: { readonly keep: boolean }): void {
    this.events.enter(randomUUID());
    if (keep) return;
    this.events.clear();
    this.held.clear();
    this.sessions.clear();
    this.leases.clear();
    this.claims.clear();
    this.clusterKey.clear();
    this.records.clear();
  }

  /** Lets a lease run out now, as if its node had not renewed it in time. */
  expireLease(lease: LeaseId): void {
    this.leases.expire(lease);
  }
}
