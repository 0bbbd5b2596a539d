import {
  isNamed,
  type Clock,
  type LeaseId,
  type LeaseStore,
  type NodeLease,
  type Page,
  type PageRequest,
} from '@ringback/core';
import type { EventTable } from './event-table.js';
import { leaseKey } from './lease-key.js';
import type { MemoryEvent } from './memory-event.js';
import type { MemorySessionStore } from './memory-session-store.js';
import { NumberedMap } from './numbered-map.js';
import type { SubscriberEndings } from './subscriber-endings.js';

/** A lease, and when it runs out if nobody renews it. */
interface HeldLease {
  readonly lease: NodeLease;
  readonly runsOutAt: number;
}

/** The leases of a `MemoryCluster`; the same for all of its nodes. */
export class MemoryLeaseStore implements LeaseStore {
  private readonly leases = new NumberedMap<HeldLease>();

  constructor(
    private readonly events: EventTable,
    private readonly endings: SubscriberEndings,
    private readonly sessions: MemorySessionStore,
    private readonly clock: Clock,
    private readonly leaseMs: number,
  ) {}

  async take(lease: NodeLease): Promise<void> {
    this.hold(lease);
  }

  async renew(lease: NodeLease): Promise<boolean> {
    // Heartbeats go on where nothing else happens: memory is given back then too.
    this.events.forgetUnused();
    const held = this.leases.get(leaseKey(lease));
    if (!held || !this.lives(held)) return false;
    this.hold(lease);
    return true;
  }

  async release(lease: LeaseId): Promise<void> {
    this.leases.delete(leaseKey(lease));
  }

  async nodes(page: PageRequest): Promise<Page<NodeLease>> {
    const { items, ...more } = this.leases.page(page, (held) => this.lives(held));
    return { items: items.map(({ lease }) => lease), ...more };
  }

  async node(nodeId: string): Promise<NodeLease | undefined> {
    const living = [...this.leases.items()].filter(
      (held) => held.lease.nodeId === nodeId && this.lives(held),
    );
    return living.at(-1)?.lease;
  }

  async sweep(): Promise<number> {
    const dead = [...this.leases.items()].filter((held) => !this.lives(held));
    if (dead.length === 0) return 0;
    const keys = new Set(dead.map(({ lease }) => leaseKey(lease)));
    let removed = 0;
    for (const event of this.events.all()) removed += this.sweepEvent(event, keys);
    this.sessions.leaveUnder(keys);
    for (const key of keys) this.leases.delete(key);
    return removed;
  }

  /** Lets a lease run out now. */
  expire(id: LeaseId): void {
    const held = this.leases.get(leaseKey(id));
    if (held) this.leases.set(leaseKey(id), { ...held, runsOutAt: this.clock.now() });
  }

  clear(): void {
    this.leases.clear();
  }

  private hold(lease: NodeLease): void {
    this.leases.set(leaseKey(lease), { lease, runsOutAt: this.clock.now() + this.leaseMs });
  }

  private lives({ runsOutAt }: HeldLease): boolean {
    return this.clock.now() < runsOutAt;
  }

  private sweepEvent(event: MemoryEvent, dead: ReadonlySet<string>): number {
    const gone = [...event.subscriptions.items()].filter(
      ({ subscriber, lease }) => !isNamed(subscriber) && dead.has(leaseKey(lease)),
    );
    for (const { subscriber, eventguid } of gone) this.endings.end(eventguid, subscriber);
    return gone.length;
  }
}
