import { beforeEach, describe, expect, it } from '@jest/globals';
import { parseEventGuid, type Trigger } from '@ringback/contract';
import type { NewSubscription } from '@ringback/core';
import { FakeClock } from './fake-clock.js';
import { MemoryCluster, type MemoryNode } from './memory-cluster.js';

const MINUTE_MS = 60_000;
const eventguid = parseEventGuid('event');
const lease = { nodeId: 'node', generation: '1' };
const trigger: Trigger = { eventguid, data: 'data', removeAfterSend: false };
const subscription: NewSubscription = {
  eventguid,
  subscriber: 'c:1',
  subscriptionId: 'id',
  cookie: 'cookie',
  lease,
};

describe('MemoryCluster, as time passes', () => {
  let clock: FakeClock;
  let node: MemoryNode;

  beforeEach(() => {
    clock = new FakeClock();
    node = new MemoryCluster({ clock, leaseMs: 1_000 }).node();
  });

  it('keeps 1,000 envelopes of an event', async () => {
    for (let index = 0; index < 1_010; index++) await node.relay.publish(trigger);
    expect(await node.subscriptions.event(eventguid)).toMatchObject({ kept: 1_000 });
  });

  it('keeps 1 MiB of an event', async () => {
    for (let index = 0; index < 20; index++) {
      await node.relay.publish({ ...trigger, data: new Uint8Array(64 * 1024) });
    }
    expect(await node.subscriptions.event(eventguid)).toMatchObject({ kept: 16 });
  });

  it('keeps an envelope for ten minutes', async () => {
    const { position } = await node.relay.publish(trigger);
    await node.subscriptions.put(subscription);
    await node.relay.publish(trigger);
    clock.advance(10 * MINUTE_MS - 1);
    expect(await node.relay.since(eventguid, position)).toHaveLength(1);
    clock.advance(1);
    expect(await node.relay.since(eventguid, position)).toBe('lost');
    expect((await node.relay.history(eventguid, { limit: 10 })).items).toEqual([]);
  });

  it('remembers the answer to a key for five minutes, from the first answer on', async () => {
    const keyed = { ...trigger, key: 'key' };
    const first = await node.relay.publish(keyed);
    clock.advance(3 * MINUTE_MS);
    expect(await node.relay.publish(keyed)).toEqual(first);
    clock.advance(2 * MINUTE_MS - 1);
    expect(await node.relay.publish(keyed)).toEqual(first);
    clock.advance(1);
    expect((await node.relay.publish(keyed)).position.offset).toBe(2);
  });

  it('forgets an event that nobody has used for ten minutes', async () => {
    await node.relay.publish(trigger);
    clock.advance(10 * MINUTE_MS - 1);
    expect(await node.subscriptions.event(eventguid)).toBeDefined();
    clock.advance(1);
    expect(await node.subscriptions.event(eventguid)).toBeUndefined();
    expect((await node.subscriptions.events({ limit: 10 })).items).toEqual([]);
  });

  it('takes no position of a forgotten event for one of its successor', async () => {
    const { position } = await node.relay.publish(trigger);
    clock.advance(10 * MINUTE_MS);
    await node.relay.publish(trigger);
    await node.relay.publish(trigger);
    expect(await node.relay.since(eventguid, position)).toBe('lost');
  });

  it('forgets by the last use of each event, not by the first', async () => {
    const other = parseEventGuid('other');
    await node.relay.publish(trigger);
    clock.advance(MINUTE_MS);
    await node.relay.publish({ ...trigger, eventguid: other });
    clock.advance(8 * MINUTE_MS);
    await node.relay.publish(trigger);
    clock.advance(2 * MINUTE_MS);
    const { items } = await node.subscriptions.events({ limit: 10 });
    expect(items.map((event) => event.eventguid)).toEqual([eventguid]);
  });

  it('remembers an event as long as somebody is subscribed, and ten minutes longer', async () => {
    await node.relay.publish(trigger);
    await node.subscriptions.put(subscription);
    clock.advance(60 * MINUTE_MS);
    expect(await node.subscriptions.event(eventguid)).toMatchObject({
      position: { offset: 1 },
      subscribers: 1,
      kept: 0,
    });
    await node.subscriptions.remove(eventguid, subscription.subscriber);
    clock.advance(10 * MINUTE_MS - 1);
    expect(await node.subscriptions.event(eventguid)).toMatchObject({
      position: { offset: 1 },
      subscribers: 0,
    });
    clock.advance(1);
    expect(await node.subscriptions.event(eventguid)).toBeUndefined();
  });

  it('remembers an event for ten minutes after its one-shot, its sweep, or a touch', async () => {
    const [swept, touched] = [parseEventGuid('swept'), parseEventGuid('touched')];
    const figures = { connections: 0, subscriptions: 0, events: 0, outboxBytes: 0 };
    await node.leases.take({ ...lease, address: 'http://10.0.0.1:1', version: '1', startedAt: 0, figures });
    await node.subscriptions.put(subscription);
    await node.subscriptions.put({ ...subscription, eventguid: swept });
    await node.relay.publish({ ...trigger, eventguid: touched });
    clock.advance(9 * MINUTE_MS);
    await node.relay.publish({ ...trigger, removeAfterSend: true });
    expect(await node.leases.sweep()).toBe(1);
    await node.subscriptions.touch([touched]);
    clock.advance(9 * MINUTE_MS);
    const { items } = await node.subscriptions.events({ limit: 10 });
    expect(items.map((event) => event.eventguid).sort()).toEqual(['event', 'swept', 'touched']);
    clock.advance(MINUTE_MS);
    expect((await node.subscriptions.events({ limit: 10 })).items).toEqual([]);
  });

  it('lets a lease run out to the millisecond, counted from its last renewal', async () => {
    const figures = { connections: 0, subscriptions: 0, events: 0, outboxBytes: 0 };
    const held = { ...lease, address: 'http://10.0.0.1:1', version: '1', startedAt: 0, figures };
    await node.leases.take(held);
    clock.advance(999);
    expect(await node.leases.renew(held)).toBe(true);
    clock.advance(999);
    expect(await node.leases.node('node')).toEqual(held);
    clock.advance(1);
    expect(await node.leases.node('node')).toBeUndefined();
    expect(await node.leases.renew(held)).toBe(false);
  });

  it('keeps an envelope as it was when whoever triggered uses the bytes again', async () => {
    const { position } = await node.subscriptions.put(subscription);
    const data = Uint8Array.of(1, 2, 3);
    await node.relay.publish({ ...trigger, data });
    data.fill(0);
    expect(await node.relay.since(eventguid, position)).toMatchObject([
      { envelope: { data: Uint8Array.of(1, 2, 3) } },
    ]);
  });

  it('still knows what a subscriber holds when a cut is forgotten after the next put', async () => {
    await node.subscriptions.put(subscription);
    await node.relay.publish({ ...trigger, removeAfterSend: true });
    await node.subscriptions.put({ ...subscription, subscriptionId: 'next' });
    await node.subscriptions.forget(eventguid, subscription.subscriber);
    await node.subscriptions.removeSubscriber(subscription.subscriber, lease, []);
    expect(await node.subscriptions.find(eventguid, subscription.subscriber)).toBeUndefined();
  });
});
