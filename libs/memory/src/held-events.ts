import type { EventGuid, Position } from '@ringback/contract';
import type { SessionEvent } from '@ringback/core';
import type { DurableBytes } from './durable-bytes.js';

interface HeldEvent {
  readonly acknowledged?: Position;
  /** That it keeps, of a named subscriber. */
  readonly bytes: number;
}

/**
 * Which events each subscriber holds, so that all of them can be ended with it, and how far it has acknowledged them. May name
 * an event for longer than the subscriber has a subscription there, never the reverse.
 */
export class HeldEvents {
  private readonly held = new Map<string, Map<EventGuid, HeldEvent>>();

  constructor(private readonly durable: DurableBytes) {}

  /** Throws `durable-bytes-limit` if the subscriber may not keep so many bytes of the event. */
  assertRoom(subscriber: string, eventguid: EventGuid, bytes: number): void {
    this.durable.assertRoom(subscriber, this.bytesOf(subscriber, eventguid), bytes);
  }

  add(subscriber: string, eventguid: EventGuid, bytes: number): void {
    this.change(subscriber, eventguid, { bytes });
  }

  /** Cumulative: within an epoch it never goes back. */
  acknowledge(subscriber: string, eventguid: EventGuid, position: Position): void {
    const before = this.held.get(subscriber)?.get(eventguid)?.acknowledged;
    if (before?.epoch === position.epoch && before.offset > position.offset) return;
    this.change(subscriber, eventguid, { acknowledged: position });
  }

  delete(subscriber: string, eventguid: EventGuid): void {
    const events = this.held.get(subscriber);
    if (!events) return;
    this.durable.change(subscriber, -this.bytesOf(subscriber, eventguid));
    if (events.delete(eventguid) && events.size === 0) this.held.delete(subscriber);
  }

  of(subscriber: string): readonly SessionEvent[] {
    return Array.from(this.held.get(subscriber) ?? [], ([eventguid, { acknowledged }]) =>
      acknowledged ? { eventguid, acknowledged } : { eventguid },
    );
  }

  clear(): void {
    this.held.clear();
    this.durable.clear();
  }

  private bytesOf(subscriber: string, eventguid: EventGuid): number {
    return this.held.get(subscriber)?.get(eventguid)?.bytes ?? 0;
  }

  private change(subscriber: string, eventguid: EventGuid, news: Partial<HeldEvent>): void {
    const events = this.open(subscriber);
    const before = events.get(eventguid) ?? { bytes: 0 };
    const after = { ...before, ...news };
    events.set(eventguid, after);
    this.durable.change(subscriber, after.bytes - before.bytes);
  }

  private open(subscriber: string): Map<EventGuid, HeldEvent> {
    const present = this.held.get(subscriber);
    if (present) return present;
    const events = new Map<EventGuid, HeldEvent>();
    this.held.set(subscriber, events);
    return events;
  }
}
