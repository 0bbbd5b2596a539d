import { expect, it } from '@jest/globals';
import type { NewSubscription, StoredSubscription } from '@ringback/core';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { sampleEvent, sampleSubscription, sampleTrigger } from './port-samples.js';

/** Subscriptions that a node puts again after a loss. */
export function describeRestoring(nodes: ClusterOfTwo): void {
  const putAndFind = async (subscription: NewSubscription): Promise<StoredSubscription> => {
    await nodes.here.subscriptions.put(subscription);
    return (await nodes.here.subscriptions.find(subscription.eventguid, subscription.subscriber))!;
  };

  it('puts again what was lost, with its own id and since', async () => {
    const eventguid = sampleEvent();
    await nodes.here.relay.publish(sampleTrigger(eventguid));
    const stored = [
      await putAndFind(sampleSubscription(eventguid)),
      await putAndFind(sampleSubscription(sampleEvent())),
    ];
    await nodes.shared.restart({ keep: false });
    await nodes.here.subscriptions.restore(stored);
    for (const subscription of stored) {
      const found = await nodes.there.subscriptions.find(subscription.eventguid, subscription.subscriber);
      expect(found).toEqual(subscription);
    }
  });

  it('takes many at once, and none', async () => {
    const eventguid = sampleEvent();
    const since = { epoch: 'before', offset: 7 };
    const lost = Array.from({ length: 500 }, () => ({ ...sampleSubscription(eventguid), since, madeAt: 1 }));
    await nodes.here.subscriptions.restore(lost);
    await nodes.here.subscriptions.restore([]);
    expect(await nodes.there.subscriptions.event(eventguid)).toMatchObject({ subscribers: 500 });
  });

  it('changes the lease of what is still there', async () => {
    const eventguid = sampleEvent();
    const stored = await putAndFind(sampleSubscription(eventguid));
    const lease = { nodeId: stored.lease.nodeId, generation: 'next' };
    await nodes.here.subscriptions.restore([{ ...stored, lease }]);
    expect(await nodes.there.subscriptions.find(eventguid, stored.subscriber)).toEqual({ ...stored, lease });
  });

  it('leaves what a newer put has replaced', async () => {
    const eventguid = sampleEvent();
    const old = await putAndFind(sampleSubscription(eventguid, { subscriptionId: 'old' }));
    await nodes.here.subscriptions.remove(eventguid, old.subscriber);
    const newer = await putAndFind({
      ...sampleSubscription(eventguid),
      subscriber: old.subscriber,
      cookie: 'newer',
    });
    await nodes.here.subscriptions.restore([old]);
    expect(await nodes.there.subscriptions.find(eventguid, old.subscriber)).toEqual(newer);
  });

  it('leaves ended what a one-shot has ended', async () => {
    const eventguid = sampleEvent();
    const stored = await putAndFind(sampleSubscription(eventguid));
    const { position } = await nodes.there.relay.publish(sampleTrigger(eventguid, { removeAfterSend: true }));
    const later = {
      ...(await putAndFind(sampleSubscription(eventguid))),
      subscriber: 'c:later',
      since: position,
    };
    await nodes.here.subscriptions.restore([stored, later]);
    expect(await nodes.there.subscriptions.find(eventguid, stored.subscriber)).toBeUndefined();
    expect(await nodes.there.subscriptions.find(eventguid, 'c:later')).toEqual(later);
  });

  it('counts a since of a history that is gone as before every one-shot', async () => {
    const eventguid = sampleEvent();
    await nodes.there.relay.publish(sampleTrigger(eventguid, { removeAfterSend: true }));
    const since = { epoch: 'gone', offset: 1_000 };
    await nodes.here.subscriptions.restore([{ ...sampleSubscription(eventguid), since, madeAt: 1 }]);
    expect(await nodes.there.subscriptions.event(eventguid)).toMatchObject({ subscribers: 0 });
  });

  it('lets a restored subscription be ended like any other', async () => {
    const eventguid = sampleEvent();
    const stored = await putAndFind(sampleSubscription(eventguid));
    await nodes.shared.restart({ keep: false });
    await nodes.here.subscriptions.restore([stored]);
    const oneShot = sampleTrigger(eventguid, { removeAfterSend: true });
    expect(await nodes.there.relay.publish(oneShot)).toMatchObject({ subscribers: 1 });
    await nodes.here.subscriptions.restore([]);
    expect(await nodes.here.subscriptions.find(eventguid, stored.subscriber)).toBeUndefined();
  });
}
