import { HubError, type EventGuid } from '@ringback/contract';
import type { Clock, EventSummary, HistoryPolicy, Page, PageRequest } from '@ringback/core';
import { MemoryBudget, type MemoryUse } from './memory-budget.js';
import { MemoryEvent } from './memory-event.js';
import { NumberedMap } from './numbered-map.js';
import { KEY_WINDOW_MS } from './remembered-answers.js';

/** Every event that the cluster remembers. It forgets, whenever it is used, those that nobody has needed for long enough. */
export class EventTable {
  private readonly events = new NumberedMap<MemoryEvent>();
  /** By last use, the longest unused first. */
  private readonly byUse = new Map<EventGuid, MemoryEvent>();
  /** Those with a history, the one that was written to least recently first. */
  private readonly byAppend = new Map<EventGuid, MemoryEvent>();
  private readonly memoryMs: number;

  constructor(
    private readonly clock: Clock,
    private readonly history: HistoryPolicy,
    private readonly sessionTtlMs: number,
    private runId: string,
    readonly budget = new MemoryBudget(),
  ) {
    this.memoryMs = Math.max(history.longestAgeMs, KEY_WINDOW_MS);
  }

  get memoryUse(): MemoryUse {
    return { events: this.events.size, bytes: this.budget.bytes };
  }

  /** The event as it is, for reading. */
  find(eventguid: EventGuid): MemoryEvent | undefined {
    this.forgetUnused();
    const event = this.events.get(eventguid);
    event?.trim(this.clock.now());
    return event;
  }

  /** The event in the present epoch, made if it is not known. Throws `too-many-events`. */
  open(eventguid: EventGuid): MemoryEvent {
    const event = this.find(eventguid) ?? this.make(eventguid);
    event.enter(this.runId);
    this.use(event);
    return event;
  }

  /** Takes note that an event was in use: its memory lasts from now on. */
  use(event: MemoryEvent): void {
    event.usedAt = this.clock.now();
    this.byUse.delete(event.eventguid);
    this.byUse.set(event.eventguid, event);
  }

  /** Takes note that an event has one envelope more. Where all histories together are too long, others go first: that of who writes least. */
  appended(event: MemoryEvent): void {
    this.byAppend.delete(event.eventguid);
    this.byAppend.set(event.eventguid, event);
    for (const [eventguid, oldest] of this.byAppend) {
      if (!this.budget.exceeded) return;
      this.byAppend.delete(eventguid);
      oldest.history.clear();
    }
  }

  forgetUnused(): void {
    const now = this.clock.now();
    for (const [eventguid, event] of this.byUse) {
      if (now - event.usedAt < this.memoryMs) return;
      this.byUse.delete(eventguid);
      event.trim(now);
      event.answers.forgetOld(now);
      // What cuts have set aside ends by itself: looked at again. One that has subscriptions is taken note of when the last ends.
      if (event.cuts.size > 0) this.use(event);
      else if (event.subscriptions.size === 0) this.forget(event);
    }
  }

  all(): Generator<MemoryEvent> {
    return this.events.items();
  }

  page(request: PageRequest): Page<EventSummary> {
    this.forgetUnused();
    const { items, ...more } = this.events.page(request);
    const now = this.clock.now();
    for (const event of items) event.trim(now);
    return { items: items.map(({ summary }) => summary), ...more };
  }

  /** Goes on under another run id. */
  enter(runId: string): void {
    this.runId = runId;
  }

  clear(): void {
    this.events.clear();
    this.byUse.clear();
    this.byAppend.clear();
    this.budget.clear();
  }

  private forget(event: MemoryEvent): void {
    event.history.clear();
    this.byAppend.delete(event.eventguid);
    this.events.delete(event.eventguid);
  }

  private make(eventguid: EventGuid): MemoryEvent {
    const { events: most } = this.budget.limits;
    if (this.events.size >= most) throw new HubError('too-many-events', `The hub knows ${most} events.`);
    const limits = this.history.limitsOf(eventguid);
    const event = new MemoryEvent(eventguid, this.runId, limits, this.sessionTtlMs, this.budget);
    this.events.set(eventguid, event);
    return event;
  }
}
