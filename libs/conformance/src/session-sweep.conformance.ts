import { expect, it } from '@jest/globals';
import type { LeaseId } from '@ringback/core';
import type { ClusterOfTwo } from './cluster-of-two.js';
import {
  namedSubscription,
  sampleEvent,
  sampleLease,
  sampleSubscription,
  takeSession,
} from './port-samples.js';

/** What becomes of the named subscribers of dead nodes. */
export function describeSweepingSessions(nodes: ClusterOfTwo): void {
  const taken = async (): Promise<LeaseId> => {
    const lease = sampleLease();
    await nodes.here.leases.take(lease);
    return { nodeId: lease.nodeId, generation: lease.generation };
  };

  const subscribed = async (lease: LeaseId) => {
    const session = await takeSession(nodes.here, { lease });
    const eventguid = sampleEvent();
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    return { ...session, eventguid };
  };

  it('makes the sessions of a lease that has run out away, and ends nothing of theirs', async () => {
    const [dead, alive] = [await taken(), await taken()];
    const [gone, other, stays] = [await subscribed(dead), await subscribed(dead), await subscribed(alive)];
    await nodes.here.subscriptions.put(sampleSubscription(gone.eventguid, { lease: dead }));
    await nodes.shared.expireLease(dead);
    expect(await nodes.there.leases.sweep()).toBe(1);
    for (const { subscriber, eventguid } of [gone, other]) {
      const found = (await nodes.there.sessions.find(subscriber))!;
      expect(found.holder).toBeUndefined();
      expect(found.expiresAt).toBeGreaterThan(Date.now());
      expect(found.events).toEqual([{ eventguid }]);
      expect(await nodes.there.subscriptions.find(eventguid, subscriber)).toBeDefined();
    }
    expect(await nodes.there.sessions.held([gone, other, stays])).toEqual([false, false, true]);
    expect((await nodes.there.sessions.away({ limit: 10 })).items).toHaveLength(2);
  });

  it('counts the time to live from the sweep that was first', async () => {
    const dead = await taken();
    const { subscriber } = await subscribed(dead);
    await nodes.shared.expireLease(dead);
    await Promise.all([nodes.here.leases.sweep(), nodes.there.leases.sweep()]);
    const before = await nodes.there.sessions.find(subscriber);
    expect(before?.expiresAt).toBeDefined();
    await nodes.there.leases.sweep();
    expect(await nodes.there.sessions.find(subscriber)).toEqual(before);
  });

  it('leaves a session that another node has taken over', async () => {
    const dead = await taken();
    const { subscriber } = await subscribed(dead);
    const present = await takeSession(nodes.there, { subscriber, lease: await taken() });
    await nodes.shared.expireLease(dead);
    expect(await nodes.there.leases.sweep()).toBe(0);
    expect(await nodes.there.sessions.held([present])).toEqual([true]);
  });

  it('leaves a session that was away already', async () => {
    const dead = await taken();
    const session = await subscribed(dead);
    await nodes.here.sessions.leave(session);
    const before = await nodes.there.sessions.find(session.subscriber);
    await nodes.shared.expireLease(dead);
    expect(await nodes.there.leases.sweep()).toBe(0);
    expect(await nodes.there.sessions.find(session.subscriber)).toEqual(before);
  });

  it('ends a session that holds no event', async () => {
    const dead = await taken();
    const { subscriber } = await takeSession(nodes.here, { lease: dead });
    await nodes.shared.expireLease(dead);
    expect(await nodes.there.leases.sweep()).toBe(0);
    expect(await nodes.there.sessions.find(subscriber)).toBeUndefined();
  });

  it('lets the session be taken again where the node was only paused', async () => {
    const dead = await taken();
    const session = await subscribed(dead);
    await nodes.shared.expireLease(dead);
    await nodes.there.leases.sweep();
    const { eventguid, subscriber } = session;
    expect(await nodes.there.sessions.take({ ...session, connectionId: 'next' })).toEqual({
      generation: expect.any(Number),
      events: [{ eventguid }],
    });
    await nodes.here.sessions.leave(session);
    expect(await nodes.there.sessions.find(subscriber)).toMatchObject({ holder: { connectionId: 'next' } });
  });
}
