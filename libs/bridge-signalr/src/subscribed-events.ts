import type { EventGuid } from '@ringback/contract';
import type { Hub, SubscriptionWatcher } from '@ringback/core';

/** What every `subscriberId` of a bridge begins with, at its own hub and at others. */
export const BRIDGE_SUBSCRIBER_PREFIX = 'bridge/';

const BRIDGE = new RegExp(`^n:[^/]*/${BRIDGE_SUBSCRIBER_PREFIX}`);

/** Called with an event that has its first subscription on this node, or whose last one has ended. */
export type SubscribedEventsListener = (eventguid: EventGuid) => void;

/**
 * Which events are subscribed to on this node; nothing is counted while nobody listens. Bridges do not count: two of them would keep each other's
 * subscriptions alive indefinitely.
 */
export class SubscribedEvents implements SubscriptionWatcher {
  private readonly counts = new Map<EventGuid, number>();
  private readonly listeners = new Set<SubscribedEventsListener>();
  private unwatch: (() => void) | undefined;

  constructor(private readonly hub: Pick<Hub, 'watchSubscriptions'>) {}

  /** Events with at least one subscription here, at this moment. */
  eventguids(): EventGuid[] {
    return [...this.counts.keys()];
  }

  has(eventguid: string): boolean {
    return this.counts.has(eventguid as EventGuid);
  }

  /** Calls the listener of every change from now on, until what this returns is called. */
  listen(listener: SubscribedEventsListener): () => void {
    this.unwatch ??= this.hub.watchSubscriptions(this);
    this.listeners.add(listener);
    return () => this.remove(listener);
  }

  onSubscribed(eventguid: EventGuid, subscriber: string): void {
    if (BRIDGE.test(subscriber)) return;
    const count = this.counts.get(eventguid) ?? 0;
    this.counts.set(eventguid, count + 1);
    if (count === 0) this.notify(eventguid);
  }

  onUnsubscribed(eventguid: EventGuid, subscriber: string): void {
    const count = BRIDGE.test(subscriber) ? 0 : (this.counts.get(eventguid) ?? 0);
    if (count > 1) this.counts.set(eventguid, count - 1);
    if (count !== 1) return;
    this.counts.delete(eventguid);
    this.notify(eventguid);
  }

  private notify(eventguid: EventGuid): void {
    for (const listener of this.listeners) listener(eventguid);
  }

  private remove(listener: SubscribedEventsListener): void {
    this.listeners.delete(listener);
    if (this.listeners.size > 0) return;
    this.unwatch?.();
    this.unwatch = undefined;
    this.counts.clear();
  }
}
