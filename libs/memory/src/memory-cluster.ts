import type { Clock, LeaseId, LeaseStore, Relay, SubscriptionStore } from '@ringback/core';
import { randomUUID } from 'node:crypto';
import { EventTable } from './event-table.js';
import { HeldEvents } from './held-events.js';
import type { HistoryLimits } from './history.js';
import { Mailbox } from './mailbox.js';
import { MemoryLeaseStore } from './memory-lease-store.js';
import { MemoryRelay } from './memory-relay.js';
import { MemorySubscriptionStore } from './memory-subscription-store.js';
import { SystemClock } from './system-clock.js';

const DEFAULT_HISTORY: HistoryLimits = { envelopes: 1_000, ageMs: 10 * 60 * 1000, bytes: 1024 * 1024 };
const DEFAULT_LEASE_MS = 15_000;

/** What a cluster in memory is given. */
export interface MemoryClusterOptions {
  /** Default: the time of the system. */
  readonly clock?: Clock;
  /** How much history each event keeps. Default: 1,000 envelopes, 10 minutes, 1 MiB. */
  readonly history?: HistoryLimits;
  /** How long a lease lasts that is not renewed. Default: 15 s. */
  readonly leaseMs?: number;
}

/** The ports of one node. */
export interface MemoryNode {
  readonly relay: Relay;
  readonly subscriptions: SubscriptionStore;
  readonly leases: LeaseStore;
}

/** Stands where Redis stands: what its nodes share, in the memory of one process. */
export class MemoryCluster {
  private readonly clock: Clock;
  private readonly events: EventTable;
  private readonly held = new HeldEvents();
  private readonly mailboxes: Mailbox[] = [];
  private readonly subscriptions: MemorySubscriptionStore;
  private readonly leases: MemoryLeaseStore;

  constructor({
    clock = new SystemClock(),
    history = DEFAULT_HISTORY,
    leaseMs = DEFAULT_LEASE_MS,
  }: MemoryClusterOptions = {}) {
    this.clock = clock;
    this.events = new EventTable(clock, history, randomUUID());
    this.subscriptions = new MemorySubscriptionStore(this.events, this.held, this.mailboxes, clock);
    this.leases = new MemoryLeaseStore(this.events, this.held, clock, leaseMs);
  }

  /** A further node. */
  node(): MemoryNode {
    const mailbox = new Mailbox();
    this.mailboxes.push(mailbox);
    const relay = new MemoryRelay(this.events, mailbox, this.mailboxes, this.clock);
    return { relay, subscriptions: this.subscriptions, leases: this.leases };
  }

  /** Does to the nodes what a restart of Redis does: every event opens a new epoch, with all that was kept or with nothing. */
  restart({ keep }: { readonly keep: boolean }): void {
    this.events.enter(randomUUID());
    if (keep) return;
    this.events.clear();
    this.held.clear();
    this.leases.clear();
  }

  /** Lets a lease run out now, as if its node had not renewed it in time. */
  expireLease(lease: LeaseId): void {
    this.leases.expire(lease);
  }
}
