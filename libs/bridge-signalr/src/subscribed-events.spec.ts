import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EventGuid } from '@ringback/contract';
import type { SubscriptionWatcher } from '@ringback/core';
import { SubscribedEvents } from './subscribed-events.js';

const [e, f] = ['e', 'f'] as EventGuid[] as [EventGuid, EventGuid];

/** The part of a hub that shows its subscriptions. */
class WatchedHub {
  watcher: SubscriptionWatcher | undefined;

  watchSubscriptions(watcher: SubscriptionWatcher): () => void {
    this.watcher = watcher;
    watcher.onSubscribed(e, 'c:1');
    return () => (this.watcher = undefined);
  }
}

describe('SubscribedEvents', () => {
  let hub: WatchedHub;
  let subscribed: SubscribedEvents;
  let changed: string[];
  const listen = () => subscribed.listen((eventguid) => changed.push(eventguid));

  beforeEach(() => {
    hub = new WatchedHub();
    subscribed = new SubscribedEvents(hub);
    changed = [];
  });

  it('are those that there are, and those that get a first subscription, until the last has ended', () => {
    listen();
    hub.watcher?.onSubscribed(e, 'n:a/s');
    hub.watcher?.onSubscribed(f, 'c:1');
    expect([changed, subscribed.eventguids(), subscribed.has('g')]).toEqual([['f'], ['e', 'f'], false]);
    hub.watcher?.onUnsubscribed(e, 'c:1');
    expect(subscribed.has('e')).toBe(true);
    hub.watcher?.onUnsubscribed(e, 'n:a/s');
    expect([changed, subscribed.eventguids()]).toEqual([['f', 'e'], ['f']]);
  });

  it('leave bridges out', () => {
    listen();
    hub.watcher?.onSubscribed(f, 'n:hub/bridge/remote');
    expect(subscribed.has('f')).toBe(false);
    hub.watcher?.onSubscribed(f, 'n:bridge/remote');
    hub.watcher?.onUnsubscribed(f, 'n:hub/bridge/remote');
    expect([changed, subscribed.has('f')]).toEqual([['f'], true]);
  });

  it('are counted only while somebody listens', () => {
    expect(hub.watcher).toBeUndefined();
    const ends = [listen(), listen()];
    hub.watcher?.onSubscribed(f, 'c:1');
    expect(changed).toEqual(['f', 'f']);
    for (const end of ends) end();
    expect([hub.watcher, subscribed.eventguids()]).toEqual([undefined, []]);
    listen();
    expect(subscribed.eventguids()).toEqual(['e']);
  });
});
