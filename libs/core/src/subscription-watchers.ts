import type { EventGuid } from '@ringback/contract';

/** Sees which subscriptions this node holds. Called on every subscribe and unsubscribe: must be quick, and must not throw. */
export interface SubscriptionWatcher {
  /**
   * `subscriber` is its name in the store. One that subscribes again before it got the one-shot that has ended its former subscription is seen twice, and
   * so are the ends of both. A durable subscriber may be seen to end and begin again in between.
   */
  onSubscribed(eventguid: EventGuid, subscriber: string): void;
  /** It has ended here, in whatever way: the client is gone, say, or has taken its session to another node. */
  onUnsubscribed(eventguid: EventGuid, subscriber: string): void;
}

/** Who watches the subscriptions of this node; mostly nobody. */
export class SubscriptionWatchers implements SubscriptionWatcher {
  private readonly watchers = new Set<SubscriptionWatcher>();

  /** Returns what ends it. */
  add(watcher: SubscriptionWatcher): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  onSubscribed(eventguid: EventGuid, subscriber: string): void {
    if (this.watchers.size === 0) return;
    for (const watcher of this.watchers) watcher.onSubscribed(eventguid, subscriber);
  }

  onUnsubscribed(eventguid: EventGuid, subscriber: string): void {
    if (this.watchers.size === 0) return;
    for (const watcher of this.watchers) watcher.onUnsubscribed(eventguid, subscriber);
  }
}
