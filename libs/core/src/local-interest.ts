import type { EventGuid } from '@ringback/contract';

/** What every `subscriberId` of a bridge begins with, at its own hub and at others. */
export const BRIDGE_SUBSCRIBERS = 'bridge/';

const BRIDGE = new RegExp(`^n:[^/]*/${BRIDGE_SUBSCRIBERS}`);

/** Hears which events this node is interested in. */
export interface InterestListener {
  /** The event has its first subscription here. */
  onFirst(eventguid: EventGuid): void;
  /** The last subscription of the event here has ended. */
  onLast(eventguid: EventGuid): void;
}

/** Which events are subscribed to on this node. Bridges do not count: two of them would keep each other's interest alive for ever. */
export class LocalInterest {
  private readonly counts = new Map<EventGuid, number>();
  private readonly listeners = new Set<InterestListener>();

  /** Events with at least one subscription here, at this moment. */
  eventguids(): EventGuid[] {
    return [...this.counts.keys()];
  }

  has(eventguid: string): boolean {
    return this.counts.has(eventguid as EventGuid);
  }

  /** Calls the listener from now on, until what this returns is called. */
  listen(listener: InterestListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  add(eventguid: EventGuid, subscriber: string): void {
    if (BRIDGE.test(subscriber)) return;
    const count = this.counts.get(eventguid) ?? 0;
    this.counts.set(eventguid, count + 1);
    if (count > 0) return;
    for (const listener of this.listeners) listener.onFirst(eventguid);
  }

  remove(eventguid: EventGuid, subscriber: string): void {
    const count = BRIDGE.test(subscriber) ? 0 : (this.counts.get(eventguid) ?? 0);
    if (count > 1) this.counts.set(eventguid, count - 1);
    if (count !== 1) return;
    this.counts.delete(eventguid);
    for (const listener of this.listeners) listener.onLast(eventguid);
  }
}
