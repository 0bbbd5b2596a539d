import type { EventGuid, Position } from '@ringback/contract';
import type { SessionEvent } from '@ringback/core';

/**
 * Which events each subscriber holds, so that all of them can be ended with it, and how far it has acknowledged them. May name
 * an event for longer than the subscriber has a subscription there, never the reverse.
 */
export class HeldEvents {
  private readonly held = new Map<string, Map<EventGuid, Position | undefined>>();

  add(subscriber: string, eventguid: EventGuid): void {
    const events = this.open(subscriber);
    if (!events.has(eventguid)) events.set(eventguid, undefined);
  }

  /** Cumulative: within an epoch it never goes back. */
  acknowledge(subscriber: string, eventguid: EventGuid, position: Position): void {
    const events = this.open(subscriber);
    const before = events.get(eventguid);
    if (before?.epoch === position.epoch && before.offset > position.offset) return;
    events.set(eventguid, position);
  }

  delete(subscriber: string, eventguid: EventGuid): void {
    const events = this.held.get(subscriber);
    if (events?.delete(eventguid) && events.size === 0) this.held.delete(subscriber);
  }

  of(subscriber: string): readonly SessionEvent[] {
    return Array.from(this.held.get(subscriber) ?? [], ([eventguid, acknowledged]) =>
      acknowledged ? { eventguid, acknowledged } : { eventguid },
    );
  }

  clear(): void {
    this.held.clear();
  }

  private open(subscriber: string): Map<EventGuid, Position | undefined> {
    const present = this.held.get(subscriber);
    if (present) return present;
    const events = new Map<EventGuid, Position | undefined>();
    this.held.set(subscriber, events);
    return events;
  }
}
