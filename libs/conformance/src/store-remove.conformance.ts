import { expect, it } from '@jest/globals';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { sampleEvent, sampleSubscription, sampleTrigger } from './port-samples.js';
import { RecordingListener } from './recording-listener.js';
import { waitFor } from './wait-for.js';

/** How stored subscriptions end, and who hears of it. */
export function describeRemoving(nodes: ClusterOfTwo): void {
  it('says once that it has ended a subscription', async () => {
    const eventguid = sampleEvent();
    const { subscriber } = sampleSubscription(eventguid);
    await nodes.here.subscriptions.put(sampleSubscription(eventguid, { subscriber }));
    expect(await nodes.there.subscriptions.remove(eventguid, subscriber)).toBe(true);
    expect(await nodes.here.subscriptions.remove(eventguid, subscriber)).toBe(false);
    expect(await nodes.here.subscriptions.find(eventguid, subscriber)).toBeUndefined();
    expect(await nodes.here.subscriptions.remove(sampleEvent(), subscriber)).toBe(false);
  });

  it('ends a subscription once where two nodes race for it', async () => {
    const eventguid = sampleEvent();
    const subscription = sampleSubscription(eventguid);
    await nodes.here.subscriptions.put(subscription);
    const racing = [nodes.here, nodes.there, nodes.here, nodes.there].map(({ subscriptions }) =>
      subscriptions.remove(eventguid, subscription.subscriber),
    );
    expect((await Promise.all(racing)).filter(Boolean)).toHaveLength(1);
  });

  it('ends no other subscription', async () => {
    const [eventguid, other] = [sampleEvent(), sampleEvent()];
    const gone = sampleSubscription(eventguid);
    const stays = sampleSubscription(eventguid);
    await nodes.here.subscriptions.put(gone);
    await nodes.here.subscriptions.put(stays);
    await nodes.here.subscriptions.put({ ...gone, eventguid: other });
    await nodes.here.subscriptions.remove(eventguid, gone.subscriber);
    expect(await nodes.there.subscriptions.find(eventguid, stays.subscriber)).toBeDefined();
    expect(await nodes.there.subscriptions.find(other, gone.subscriber)).toBeDefined();
  });

  it('tells every node that follows the event, and only those, if it is asked to', async () => {
    const [eventguid, mark] = [sampleEvent(), sampleEvent()];
    const [here, there] = [RecordingListener.at(nodes.here), RecordingListener.at(nodes.there)];
    await nodes.here.relay.follow(eventguid);
    await nodes.here.relay.follow(mark);
    await nodes.there.relay.follow(mark);
    const { subscriber, subscriptionId, ...rest } = sampleSubscription(eventguid);
    await nodes.here.subscriptions.put({ subscriber, subscriptionId, ...rest });
    await nodes.there.subscriptions.remove(eventguid, subscriber, 'tell-nodes');
    await nodes.there.relay.publish(sampleTrigger(mark));
    await waitFor(() => here.removed.length === 1 && there.relayed.length === 1, 'the removal');
    expect(here.removed).toEqual([{ eventguid, subscriber, subscriptionId }]);
    expect(there.removed).toEqual([]);
  });

  it('tells nobody where it is not asked to, or where there was nothing to end', async () => {
    const eventguid = sampleEvent();
    const listener = RecordingListener.at(nodes.here);
    await nodes.here.relay.follow(eventguid);
    const [quiet, told] = [sampleSubscription(eventguid), sampleSubscription(eventguid)];
    await nodes.here.subscriptions.put(quiet);
    await nodes.here.subscriptions.put(told);
    await nodes.here.subscriptions.remove(eventguid, quiet.subscriber);
    await nodes.here.subscriptions.remove(eventguid, quiet.subscriber, 'tell-nodes');
    await nodes.here.subscriptions.remove(eventguid, told.subscriber, 'tell-nodes');
    await waitFor(() => listener.removed.length > 0, 'the removal');
    expect(listener.removed.map(({ subscriber }) => subscriber)).toEqual([told.subscriber]);
  });

  it('tells the id of the subscription that ended, not of the one before', async () => {
    const eventguid = sampleEvent();
    const listener = RecordingListener.at(nodes.here);
    await nodes.here.relay.follow(eventguid);
    const subscription = sampleSubscription(eventguid, { subscriptionId: 'old' });
    await nodes.here.subscriptions.put(subscription);
    await nodes.here.relay.publish(sampleTrigger(eventguid, { removeAfterSend: true }));
    await nodes.here.subscriptions.put({ ...subscription, subscriptionId: 'new' });
    await nodes.here.subscriptions.remove(eventguid, subscription.subscriber, 'tell-nodes');
    await waitFor(() => listener.removed.length === 1, 'the removal');
    expect(listener.removed[0]!.subscriptionId).toBe('new');
  });

  it('forgets what a cut has ended, and not what was put since', async () => {
    const eventguid = sampleEvent();
    const subscription = sampleSubscription(eventguid);
    await nodes.here.subscriptions.put(subscription);
    await nodes.there.relay.publish(sampleTrigger(eventguid, { removeAfterSend: true }));
    await nodes.here.subscriptions.forget(eventguid, subscription.subscriber);
    expect(await nodes.here.subscriptions.find(eventguid, subscription.subscriber)).toBeUndefined();
    await nodes.here.subscriptions.put({ ...subscription, subscriptionId: 'new' });
    await nodes.here.subscriptions.forget(eventguid, subscription.subscriber);
    const found = await nodes.here.subscriptions.find(eventguid, subscription.subscriber);
    expect(found).toMatchObject({ subscriptionId: 'new' });
  });

  it('ends all that a subscriber holds, named or not, and nothing of others', async () => {
    const [named, unnamed, elsewhere] = [sampleEvent(), sampleEvent(), sampleEvent()];
    const mine = sampleSubscription(named);
    const other = { ...sampleSubscription(named), lease: mine.lease };
    const { subscriptions } = nodes.here;
    for (const eventguid of [named, unnamed]) await subscriptions.put({ ...mine, eventguid });
    for (const eventguid of [named, unnamed, elsewhere]) await subscriptions.put({ ...other, eventguid });
    await subscriptions.removeSubscriber(mine.subscriber, mine.lease, [named, elsewhere]);
    for (const eventguid of [named, unnamed, elsewhere]) {
      expect(await nodes.there.subscriptions.find(eventguid, mine.subscriber)).toBeUndefined();
      expect(await nodes.there.subscriptions.find(eventguid, other.subscriber)).toBeDefined();
    }
    await subscriptions.removeSubscriber(mine.subscriber, mine.lease, []);
  });
}
