import { expect, it } from '@jest/globals';
import type { ClusterOfTwo } from './cluster-of-two.js';
import {
  namedSubscription,
  sampleClaim,
  sampleEvent,
  sampleLease,
  sampleLeaseId,
  takeSession,
} from './port-samples.js';

/** Sessions that a node makes again after a loss. */
export function describeSessionRestoring(nodes: ClusterOfTwo): void {
  it('makes a session again that was lost, with its generation and what was acknowledged', async () => {
    const { subscriber } = sampleClaim();
    await takeSession(nodes.there, { subscriber });
    const session = await takeSession(nodes.here, { subscriber });
    const eventguid = sampleEvent();
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    const stored = (await nodes.here.subscriptions.find(eventguid, subscriber))!;
    await nodes.shared.restart({ keep: false });
    expect(await nodes.there.sessions.find(subscriber)).toBeUndefined();
    const acknowledged = { epoch: 'before', offset: 3 };
    const acknowledgements = new Map([[eventguid, acknowledged]]);
    expect(await nodes.here.sessions.restore(session, session.generation, acknowledgements)).toBe(true);
    await nodes.here.subscriptions.restore([stored]);
    const { nodeId } = session.lease;
    expect(await nodes.there.sessions.find(subscriber)).toMatchObject({
      holder: { nodeId, connectionId: session.connectionId },
      events: [{ eventguid, acknowledged }],
    });
    expect(await nodes.there.sessions.held([session])).toEqual([true]);
    const next = await takeSession(nodes.there, { subscriber });
    expect(next.generation).toBeGreaterThan(session.generation);
  });

  it('leaves a session that was taken over meanwhile', async () => {
    const old = await takeSession(nodes.here);
    const present = await takeSession(nodes.there, { subscriber: old.subscriber });
    const before = await nodes.there.sessions.find(old.subscriber);
    expect(await nodes.here.sessions.restore(old, old.generation, new Map())).toBe(false);
    expect(await nodes.there.sessions.find(old.subscriber)).toEqual(before);
    expect(await nodes.there.sessions.held([old, present])).toEqual([false, true]);
  });

  it('leaves a session that somebody else has made anew', async () => {
    const old = await takeSession(nodes.here);
    await nodes.shared.restart({ keep: false });
    const present = await takeSession(nodes.there, { subscriber: old.subscriber });
    expect(present.generation).toBeGreaterThan(old.generation);
    expect(await nodes.here.sessions.restore(old, old.generation, new Map())).toBe(false);
    expect(await nodes.there.sessions.find(old.subscriber)).toMatchObject({
      holder: { connectionId: present.connectionId },
    });
  });

  it('holds a session again that a sweep has made away', async () => {
    const lease = sampleLease();
    await nodes.here.leases.take(lease);
    const session = await takeSession(nodes.here, { lease });
    const eventguid = sampleEvent();
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    await nodes.shared.expireLease(lease);
    await nodes.there.leases.sweep();
    expect(await nodes.there.sessions.held([session])).toEqual([false]);
    const next = { ...session, lease: { nodeId: lease.nodeId, generation: 'next' } };
    expect(await nodes.here.sessions.restore(next, session.generation, new Map())).toBe(true);
    expect(await nodes.there.sessions.held([session])).toEqual([true]);
    const found = await nodes.there.sessions.find(session.subscriber);
    expect(found).toMatchObject({ events: [{ eventguid }] });
    expect(found!.expiresAt).toBeUndefined();
    expect((await nodes.there.sessions.away({ limit: 10 })).items).toEqual([]);
  });

  it('changes the lease of a session that is still held', async () => {
    const dead = sampleLease();
    await nodes.here.leases.take(dead);
    const session = await takeSession(nodes.here, { lease: dead });
    await nodes.here.subscriptions.put(namedSubscription(session, sampleEvent()));
    const next = { ...session, lease: { ...sampleLeaseId(), nodeId: dead.nodeId } };
    expect(await nodes.here.sessions.restore(next, session.generation, new Map())).toBe(true);
    await nodes.shared.expireLease(dead);
    await nodes.there.leases.sweep();
    expect(await nodes.there.sessions.held([session])).toEqual([true]);
  });
}
