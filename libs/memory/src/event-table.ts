import type { EventGuid } from '@ringback/contract';
import type { Clock, EventSummary, HistoryPolicy, Page, PageRequest } from '@ringback/core';
import { MemoryEvent } from './memory-event.js';
import { NumberedMap } from './numbered-map.js';
import { KEY_WINDOW_MS } from './remembered-answers.js';

/** Every event that the cluster remembers. It forgets, whenever it is used, those that nobody has needed for long enough. */
export class EventTable {
  private readonly events = new NumberedMap<MemoryEvent>();
  /** By last use, the longest unused first. */
  private readonly byUse = new Map<EventGuid, MemoryEvent>();
  private readonly memoryMs: number;

  constructor(
    private readonly clock: Clock,
    private readonly history: HistoryPolicy,
    private readonly sessionTtlMs: number,
    private runId: string,
  ) {
    this.memoryMs = Math.max(history.longestAgeMs, KEY_WINDOW_MS);
  }

  /** The event as it is, for reading. */
  find(eventguid: EventGuid): MemoryEvent | undefined {
    this.forgetUnused();
    const event = this.events.get(eventguid);
    event?.trim(this.clock.now());
    return event;
  }

  /** The event in the present epoch, made if it is not known. */
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

  forgetUnused(): void {
    const now = this.clock.now();
    for (const [eventguid, event] of this.byUse) {
      if (now - event.usedAt < this.memoryMs) return;
      this.byUse.delete(eventguid);
      event.trim(now);
      event.answers.forgetOld(now);
      // What cuts have set aside ends by itself: looked at again. One that has subscriptions is taken note of when the last ends.
      if (event.cuts.size > 0) this.use(event);
      else if (event.subscriptions.size === 0) this.events.delete(eventguid);
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
  }

  private make(eventguid: EventGuid): MemoryEvent {
    const event = new MemoryEvent(eventguid, this.runId, this.history.limitsOf(eventguid), this.sessionTtlMs);
    this.events.set(eventguid, event);
    return event;
  }
}
