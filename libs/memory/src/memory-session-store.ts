import { HubError, type EventGuid, type Position } from '@ringback/contract';
import type {
  Clock,
  HeldSession,
  LeaseId,
  Page,
  PageRequest,
  SessionClaim,
  SessionEvent,
  SessionHolder,
  SessionStore,
  SessionSummary,
  TakenSession,
} from '@ringback/core';
import type { EventTable } from './event-table.js';
import type { HeldEvents } from './held-events.js';
import { leaseKey } from './lease-key.js';
import { NumberedMap } from './numbered-map.js';
import type { SubscriberEndings } from './subscriber-endings.js';

/** How long sessions are kept without a connection, and how many. */
export interface SessionLimits {
  readonly ttlMs: number;
  readonly mostAway: number;
}

/** A session as it stands. */
interface MemorySession {
  readonly subscriber: string;
  readonly generation: number;
  readonly lastSeenAt: number;
  /** Where it is held; absent while it is away. */
  readonly held?: { readonly holder: SessionHolder; readonly lease: LeaseId };
  /** Present while it is away. */
  readonly expiresAt?: number;
}

/** The sessions of a `MemoryCluster`; the same for all of its nodes. */
export class MemorySessionStore implements SessionStore {
  private readonly sessions = new Map<string, MemorySession>();
  private lastGeneration = 0;
  /** Those without a connection. All are kept for the same time, so the order of leaving is the order of ending. */
  private readonly left = new NumberedMap<MemorySession>();

  constructor(
    private readonly table: EventTable,
    private readonly heldEvents: HeldEvents,
    private readonly endings: SubscriberEndings,
    private readonly clock: Clock,
    private readonly limits: SessionLimits,
  ) {}

  async take(claim: SessionClaim): Promise<TakenSession> {
    const { subscriber } = claim;
    const present = this.sessions.get(subscriber);
    if (!present && this.left.size >= this.limits.mostAway) throw new HubError('offline-session-limit');
    const generation = this.lastGeneration + 1;
    this.hold(claim, generation);
    const replaced = present?.held?.holder;
    return { generation, ...(replaced && { replaced }), events: this.eventsOf(subscriber) };
  }

  async acknowledge(
    { subscriber, generation }: HeldSession,
    positions: ReadonlyMap<EventGuid, Position>,
  ): Promise<boolean> {
    const present = this.sessions.get(subscriber);
    if (present?.generation !== generation) return false;
    this.store({ ...present, lastSeenAt: this.clock.now() });
    for (const { eventguid } of this.eventsOf(subscriber)) {
      const position = positions.get(eventguid);
      if (position) this.heldEvents.acknowledge(subscriber, eventguid, position);
    }
    return true;
  }

  async abandon({ subscriber, connectionId }: SessionClaim): Promise<void> {
    const present = this.sessions.get(subscriber);
    if (present?.held?.holder.connectionId === connectionId) this.letGo(present);
  }

  async leave({ subscriber, generation }: HeldSession): Promise<void> {
    const present = this.sessions.get(subscriber);
    if (present?.generation === generation) this.letGo(present);
  }

  async restore(
    claim: SessionClaim,
    generation: number,
    acknowledged: ReadonlyMap<EventGuid, Position>,
  ): Promise<boolean> {
    const present = this.sessions.get(claim.subscriber);
    if (present && isTakenOver(present, claim, generation)) return false;
    this.hold(claim, generation);
    for (const [eventguid, position] of acknowledged) {
      this.heldEvents.acknowledge(claim.subscriber, eventguid, position);
    }
    return true;
  }

  async held(sessions: readonly HeldSession[]): Promise<readonly boolean[]> {
    return sessions.map(({ subscriber, generation }) => {
      const present = this.sessions.get(subscriber);
      return present?.held !== undefined && present.generation === generation;
    });
  }

  async find(subscriber: string): Promise<SessionSummary | undefined> {
    const present = this.sessions.get(subscriber);
    return present && this.summary(present);
  }

  async away(page: PageRequest): Promise<Page<SessionSummary>> {
    const { items, ...more } = this.left.page(page);
    return { items: items.map((session) => this.summary(session)), ...more };
  }

  async expire(): Promise<number> {
    const now = this.clock.now();
    const due = [...this.left.items()].filter(({ expiresAt = Infinity }) => expiresAt <= now);
    for (const { subscriber } of due) this.end(subscriber);
    return due.length;
  }

  /** Makes the sessions away that are held under one of the leases, by their keys. */
  leaveUnder(leases: ReadonlySet<string>): void {
    for (const session of this.sessions.values()) {
      if (session.held && leases.has(leaseKey(session.held.lease))) this.letGo(session);
    }
  }

  clear(): void {
    this.sessions.clear();
    this.left.clear();
  }

  private hold({ subscriber, connectionId, lease }: SessionClaim, generation: number): void {
    const holder = { nodeId: lease.nodeId, connectionId };
    this.lastGeneration = Math.max(this.lastGeneration, generation);
    this.store({ subscriber, generation, lastSeenAt: this.clock.now(), held: { holder, lease } });
  }

  private letGo({ subscriber, generation }: MemorySession): void {
    if (this.eventsOf(subscriber).length === 0) return this.end(subscriber);
    const now = this.clock.now();
    this.left.delete(subscriber); // one that was away already ends after all others again
    this.store({ subscriber, generation, lastSeenAt: now, expiresAt: now + this.limits.ttlMs });
  }

  private store(session: MemorySession): void {
    this.sessions.set(session.subscriber, session);
    if (session.expiresAt === undefined) this.left.delete(session.subscriber);
    else this.left.set(session.subscriber, session);
  }

  private end(subscriber: string): void {
    this.endings.endAll(subscriber);
    this.sessions.delete(subscriber);
    this.left.delete(subscriber);
  }

  private eventsOf(subscriber: string): readonly SessionEvent[] {
    return this.heldEvents
      .of(subscriber)
      .filter(({ eventguid }) => this.table.find(eventguid)?.holds(subscriber));
  }

  private summary({ subscriber, lastSeenAt, held, expiresAt }: MemorySession): SessionSummary {
    return {
      subscriber,
      ...(held && { holder: held.holder }),
      lastSeenAt,
      ...(expiresAt !== undefined && { expiresAt }),
      events: this.eventsOf(subscriber),
    };
  }
}

/** Whether another connection than the claim's has taken the session since it had the generation. */
function isTakenOver(present: MemorySession, { connectionId }: SessionClaim, generation: number): boolean {
  if (present.generation !== generation) return present.generation > generation;
  return present.held !== undefined && present.held.holder.connectionId !== connectionId;
}
