import type { EventGuid } from '@ringback/contract';

/** Which events each subscriber holds, so that all of them can be ended with it. */
export class HeldEvents {
  private readonly held = new Map<string, Set<EventGuid>>();

  add(subscriber: string, eventguid: EventGuid): void {
    const events = this.held.get(subscriber);
    if (events) events.add(eventguid);
    else this.held.set(subscriber, new Set([eventguid]));
  }

  delete(subscriber: string, eventguid: EventGuid): void {
    const events = this.held.get(subscriber);
    if (events?.delete(eventguid) && events.size === 0) this.held.delete(subscriber);
  }

  of(subscriber: string): readonly EventGuid[] {
    return [...(this.held.get(subscriber) ?? [])];
  }

  clear(): void {
    this.held.clear();
  }
}
