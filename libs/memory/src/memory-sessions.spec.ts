import { beforeEach, describe, expect, it } from '@jest/globals';
import { parseEventGuid, type Trigger } from '@ringback/contract';
import type { HeldSession } from '@ringback/core';
import { FakeClock } from './fake-clock.js';
import { MemoryCluster, type MemoryClusterOptions, type MemoryNode } from './memory-cluster.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const eventguid = parseEventGuid('event');
const lease = { nodeId: 'node', generation: '1' };
const claim = { subscriber: 'n:shop/till', connectionId: '1', lease };
const trigger: Trigger = { eventguid, data: 'data', removeAfterSend: false };
const subscription = {
  eventguid,
  subscriber: claim.subscriber,
  subscriptionId: 'id',
  cookie: 'cookie',
  lease,
};

describe('MemoryCluster, as named subscribers stay away', () => {
  let clock: FakeClock;
  let node: MemoryNode;

  const open = (options: MemoryClusterOptions = {}): void => {
    clock = new FakeClock();
    node = new MemoryCluster({ clock, ...options }).node();
  };

  const subscribe = async (): Promise<HeldSession> => {
    const { generation } = await node.sessions.take(claim);
    await node.subscriptions.put(subscription);
    return { subscriber: claim.subscriber, generation };
  };

  const resume = async () =>
    (await node.subscriptions.resume(eventguid, claim.subscriber, lease, undefined)).subscriptions;

  beforeEach(() => open());

  it('keeps a session for a day after its connection, to the millisecond', async () => {
    const session = await subscribe();
    clock.advance(48 * HOUR_MS);
    expect(await node.sessions.expire()).toBe(0);
    await node.sessions.leave(session);
    clock.advance(24 * HOUR_MS - 1);
    expect(await node.sessions.expire()).toBe(0);
    clock.advance(1);
    expect(await node.sessions.expire()).toBe(1);
    expect(await node.subscriptions.event(eventguid)).toMatchObject({ subscribers: 0 });
  });

  it('counts the day from the last connection', async () => {
    await node.sessions.leave(await subscribe());
    clock.advance(23 * HOUR_MS);
    await node.sessions.leave({ ...claim, ...(await node.sessions.take(claim)) });
    clock.advance(23 * HOUR_MS);
    expect(await node.sessions.expire()).toBe(0);
    const lastSeenAt = clock.now() - 23 * HOUR_MS;
    expect(await node.sessions.find(claim.subscriber)).toMatchObject({
      lastSeenAt,
      expiresAt: lastSeenAt + 24 * HOUR_MS,
    });
  });

  it('knows when a session was taken, acknowledged something or was left last', async () => {
    const seen = async () => (await node.sessions.find(claim.subscriber))?.lastSeenAt;
    const session = await subscribe();
    expect(await seen()).toBe(clock.now());
    for (const step of ['acknowledge', 'leave'] as const) {
      clock.advance(MINUTE_MS);
      await (step === 'leave' ? node.sessions.leave(session) : node.sessions.acknowledge(session, new Map()));
      expect(await seen()).toBe(clock.now());
    }
  });

  it('keeps the history of an event for a day where a named subscriber may come back for it', async () => {
    await subscribe();
    await node.relay.publish(trigger);
    clock.advance(24 * HOUR_MS - 1);
    expect(await resume()).toMatchObject([{ from: 0, recovered: true }]);
    clock.advance(1);
    expect(await resume()).toMatchObject([{ from: 0, recovered: false }]);
  });

  it('keeps what a cut has ended for a day, and its event with it', async () => {
    await subscribe();
    await node.relay.publish({ ...trigger, removeAfterSend: true });
    clock.advance(24 * HOUR_MS - 1);
    expect(await resume()).toMatchObject([{ recovered: true, cut: { envelope: { data: 'data' } } }]);
    clock.advance(1);
    expect(await resume()).toEqual([]);
    expect((await node.sessions.find(claim.subscriber))?.events).toEqual([]);
  });

  it('begins with nothing acknowledged after a cut that was never settled', async () => {
    const session = await subscribe();
    const { position } = await node.relay.publish({ ...trigger, removeAfterSend: true });
    await node.sessions.acknowledge(session, new Map([[eventguid, position]]));
    clock.advance(24 * HOUR_MS);
    await node.subscriptions.put(subscription);
    expect((await node.sessions.find(claim.subscriber))?.events).toEqual([{ eventguid }]);
  });

  it('remembers an event that only a cut needs, and forgets it after that', async () => {
    const { since } = await node.subscriptions.put(subscription);
    await node.relay.publish({ ...trigger, removeAfterSend: true });
    for (let hour = 1; hour < 24; hour++) {
      clock.advance(HOUR_MS);
      expect((await node.subscriptions.event(eventguid))?.position).toEqual({ ...since, offset: 1 });
    }
    clock.advance(HOUR_MS);
    await node.subscriptions.event(eventguid);
    clock.advance(10 * MINUTE_MS);
    expect(await node.subscriptions.event(eventguid)).toBeUndefined();
  });

  it('keeps the history no longer than usual once all is settled', async () => {
    await subscribe();
    const { position } = await node.relay.publish({ ...trigger, removeAfterSend: true });
    clock.advance(HOUR_MS);
    expect(await node.subscriptions.event(eventguid)).toMatchObject({ kept: 1 });
    await node.subscriptions.settle(eventguid, claim.subscriber, position);
    expect(await node.subscriptions.event(eventguid)).toMatchObject({ kept: 0 });
  });

  it('keeps of each event what the first override says that fits', async () => {
    const overrides = [{ pattern: 'ev*', envelopes: 2, ageMs: 30 * MINUTE_MS }];
    open({ history: { envelopes: 5, ageMs: MINUTE_MS, overrides } });
    const other = { ...trigger, eventguid: parseEventGuid('other') };
    for (let index = 0; index < 10; index++) {
      await node.relay.publish(trigger);
      await node.relay.publish(other);
    }
    const kept = async ({ eventguid: of }: Trigger) => (await node.subscriptions.event(of))?.kept;
    expect([await kept(trigger), await kept(other)]).toEqual([2, 5]);
    clock.advance(30 * MINUTE_MS - 1);
    expect([await kept(trigger), await kept(other)]).toEqual([2, 0]);
  });
});
