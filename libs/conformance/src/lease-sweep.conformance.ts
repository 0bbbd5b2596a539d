import { expect, it } from '@jest/globals';
import type { EventGuid } from '@ringback/contract';
import type { LeaseId, NewSubscription, NodeLease } from '@ringback/core';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { sampleEvent, sampleLease, sampleSubscription } from './port-samples.js';

/** What is removed of dead nodes, and what is not. */
export function describeSweeping(nodes: ClusterOfTwo): void {
  const taken = async (more: Partial<NodeLease> = {}): Promise<LeaseId> => {
    const lease = sampleLease(more);
    await nodes.here.leases.take(lease);
    return { nodeId: lease.nodeId, generation: lease.generation };
  };

  const put = async (lease: LeaseId, eventguid: EventGuid): Promise<NewSubscription> => {
    const subscription = sampleSubscription(eventguid, { lease });
    await nodes.here.subscriptions.put(subscription);
    return subscription;
  };

  const find = ({ eventguid, subscriber }: NewSubscription) =>
    nodes.there.subscriptions.find(eventguid, subscriber);

  it('removes the subscriptions of a lease that has run out, and no others', async () => {
    const [dead, alive] = [await taken(), await taken()];
    const eventguid = sampleEvent();
    const gone = [await put(dead, eventguid), await put(dead, eventguid), await put(dead, sampleEvent())];
    const stays = await put(alive, eventguid);
    await nodes.shared.expireLease(dead);
    expect(await nodes.there.leases.sweep()).toBe(3);
    for (const subscription of gone) expect(await find(subscription)).toBeUndefined();
    expect(await find(stays)).toBeDefined();
    expect(await nodes.there.subscriptions.event(eventguid)).toMatchObject({ subscribers: 1 });
  });

  it('removes all events of one subscriber', async () => {
    const dead = await taken();
    const first = await put(dead, sampleEvent());
    const second = { ...first, eventguid: sampleEvent() };
    await nodes.here.subscriptions.put(second);
    await nodes.shared.expireLease(dead);
    expect(await nodes.there.leases.sweep()).toBe(2);
    expect(await find(first)).toBeUndefined();
    expect(await find(second)).toBeUndefined();
  });

  it('removes nothing as long as all leases are held', async () => {
    const subscription = await put(await taken(), sampleEvent());
    expect(await nodes.there.leases.sweep()).toBe(0);
    expect(await find(subscription)).toBeDefined();
  });

  it('leaves what a newer generation of the same node has put', async () => {
    const dead = await taken();
    const alive = await taken({ nodeId: dead.nodeId });
    const eventguid = sampleEvent();
    const gone = await put(dead, eventguid);
    const stays = await put(alive, eventguid);
    await nodes.shared.expireLease(dead);
    expect(await nodes.there.leases.sweep()).toBe(1);
    expect(await find(gone)).toBeUndefined();
    expect(await find(stays)).toBeDefined();
    expect(await nodes.there.leases.node(alive.nodeId)).toMatchObject(alive);
  });

  it('leaves what was put again under a newer generation', async () => {
    const dead = await taken();
    const [gone, stays] = [await put(dead, sampleEvent()), await put(dead, sampleEvent())];
    await nodes.shared.expireLease(dead);
    const alive = await taken({ nodeId: dead.nodeId });
    await nodes.here.subscriptions.restore([{ ...(await find(stays))!, lease: alive }]);
    expect(await nodes.there.leases.sweep()).toBe(1);
    expect(await find(gone)).toBeUndefined();
    expect(await find(stays)).toMatchObject({ lease: alive });
  });

  it('counts each removal once where two nodes sweep at once', async () => {
    const dead = [await taken(), await taken()];
    const eventguid = sampleEvent();
    for (let index = 0; index < 40; index++) await put(dead[index % 2]!, eventguid);
    for (const lease of dead) await nodes.shared.expireLease(lease);
    const counts = await Promise.all([nodes.here.leases.sweep(), nodes.there.leases.sweep()]);
    expect(counts[0] + counts[1]).toBe(40);
    expect(await nodes.here.subscriptions.event(eventguid)).toMatchObject({ subscribers: 0 });
  });

  it('sweeps a dead lease once', async () => {
    const dead = await taken();
    await put(dead, sampleEvent());
    await nodes.shared.expireLease(dead);
    expect(await nodes.here.leases.sweep()).toBe(1);
    expect(await nodes.there.leases.sweep()).toBe(0);
  });

  it('takes a dead node that held nothing', async () => {
    await nodes.shared.expireLease(await taken());
    expect(await nodes.there.leases.sweep()).toBe(0);
  });
}
