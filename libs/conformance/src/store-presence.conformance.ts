import { expect, it } from '@jest/globals';
import type { EventGuid } from '@ringback/contract';
import type { NewSubscription } from '@ringback/core';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { sampleEvent, sampleLease, sampleSubscription, sampleTrigger } from './port-samples.js';
import { RecordingListener } from './recording-listener.js';
import { waitFor } from './wait-for.js';

/** Who is present at an event, and who hears of it. */
export function describePresence(nodes: ClusterOfTwo): void {
  const put = async (eventguid: EventGuid, more: Partial<NewSubscription> = {}): Promise<NewSubscription> => {
    const subscription = sampleSubscription(eventguid, { presence: true, ...more });
    await nodes.here.subscriptions.put(subscription);
    return subscription;
  };

  const listen = async (eventguid: EventGuid): Promise<RecordingListener> => {
    const listener = RecordingListener.at(nodes.there);
    await nodes.there.relay.follow(eventguid);
    return listener;
  };

  /** All joins and leaves that came before now. */
  const heard = async (listener: RecordingListener, eventguid: EventGuid) => {
    const before = listener.relayed.length;
    await nodes.here.relay.publish(sampleTrigger(eventguid));
    await waitFor(() => listener.relayed.length > before, 'the envelope');
    return listener.presence;
  };

  it('names those who take part, and no others', async () => {
    const eventguid = sampleEvent();
    const [one, two] = [await put(eventguid), await put(eventguid)];
    await nodes.here.subscriptions.put(sampleSubscription(eventguid));
    await put(sampleEvent());
    const { members, total } = await nodes.there.subscriptions.present(eventguid, 10);
    expect([...members].sort()).toEqual([one.subscriber, two.subscriber].sort());
    expect(total).toBe(2);
  });

  it('names as many as are asked for, and counts all', async () => {
    const eventguid = sampleEvent();
    const all = await Promise.all(Array.from({ length: 30 }, () => put(eventguid)));
    const { members, total } = await nodes.there.subscriptions.present(eventguid, 10);
    expect(new Set(members).size).toBe(10);
    expect(all.map(({ subscriber }) => subscriber)).toEqual(expect.arrayContaining([...members]));
    expect(total).toBe(30);
  });

  it('names nobody at an event that nobody has used', async () => {
    expect(await nodes.here.subscriptions.present(sampleEvent(), 10)).toEqual({ members: [], total: 0 });
  });

  it('says of a subscription whether it takes part', async () => {
    const eventguid = sampleEvent();
    const { subscriber } = await put(eventguid);
    const found = await nodes.there.subscriptions.find(eventguid, subscriber);
    expect(found).toMatchObject({ presence: true });
    await nodes.shared.restart({ keep: false });
    await nodes.here.subscriptions.restore([found!]);
    expect(await nodes.there.subscriptions.find(eventguid, subscriber)).toEqual(found);
    const present = { members: [subscriber], total: 1 };
    expect(await nodes.there.subscriptions.present(eventguid, 10)).toEqual(present);
  });

  it('tells those who follow once that somebody has joined', async () => {
    const eventguid = sampleEvent();
    const listener = await listen(eventguid);
    const subscription = await put(eventguid);
    await nodes.here.subscriptions.put({ ...subscription, cookie: 'changed' });
    await put(sampleEvent());
    await nodes.here.subscriptions.put(sampleSubscription(eventguid));
    expect(await heard(listener, eventguid)).toEqual([
      { eventguid, kind: 'join', member: subscription.subscriber },
    ]);
  });

  it('tells nobody of who was ended before it could join', async () => {
    const eventguid = sampleEvent();
    const { position: after } = await nodes.here.relay.publish(sampleTrigger(eventguid));
    await nodes.here.relay.publish(sampleTrigger(eventguid, { removeAfterSend: true }));
    const listener = await listen(eventguid);
    await put(eventguid, { after });
    expect(await heard(listener, eventguid)).toEqual([]);
    expect(await nodes.here.subscriptions.present(eventguid, 10)).toEqual({ members: [], total: 0 });
  });

  it('tells those who follow once that somebody has left, however it ended', async () => {
    const eventguid = sampleEvent();
    const [removed, told, gone] = [await put(eventguid), await put(eventguid), await put(eventguid)];
    await put(eventguid);
    const silent = sampleSubscription(eventguid);
    await nodes.here.subscriptions.put(silent);
    const listener = await listen(eventguid);
    const { subscriptions } = nodes.here;
    await subscriptions.remove(eventguid, removed.subscriber);
    await subscriptions.remove(eventguid, removed.subscriber);
    await subscriptions.remove(eventguid, told.subscriber, 'tell-nodes');
    await subscriptions.removeSubscriber(gone.subscriber, gone.lease, [eventguid]);
    await subscriptions.remove(eventguid, silent.subscriber);
    const left = [removed, told, gone].map(({ subscriber }) => subscriber);
    expect(await heard(listener, eventguid)).toEqual(
      left.map((member) => ({ eventguid, kind: 'leave', member })),
    );
    expect(await subscriptions.present(eventguid, 10)).toMatchObject({ total: 1 });
  });

  it('tells nobody of a leave by a cut, and of the next join', async () => {
    const eventguid = sampleEvent();
    const { subscriber } = await put(eventguid);
    const listener = await listen(eventguid);
    await nodes.here.relay.publish(sampleTrigger(eventguid, { removeAfterSend: true }));
    expect(await heard(listener, eventguid)).toEqual([]);
    expect(await nodes.there.subscriptions.present(eventguid, 10)).toEqual({ members: [], total: 0 });
    await put(eventguid, { subscriber });
    expect(await heard(listener, eventguid)).toEqual([{ eventguid, kind: 'join', member: subscriber }]);
  });

  it('tells each leave of a dead node once, even where two nodes sweep', async () => {
    const eventguid = sampleEvent();
    const lease = sampleLease();
    await nodes.here.leases.take(lease);
    const { nodeId, generation } = lease;
    const dead = await Promise.all(
      Array.from({ length: 10 }, () => put(eventguid, { lease: { nodeId, generation } })),
    );
    const stays = await put(eventguid);
    const listener = await listen(eventguid);
    await nodes.shared.expireLease(lease);
    await Promise.all([nodes.here.leases.sweep(), nodes.there.leases.sweep()]);
    const changes = await heard(listener, eventguid);
    expect(changes.map(({ kind }) => kind)).toEqual(dead.map(() => 'leave'));
    expect(changes.map(({ member }) => member).sort()).toEqual(
      dead.map(({ subscriber }) => subscriber).sort(),
    );
    const present = { members: [stays.subscriber], total: 1 };
    expect(await nodes.there.subscriptions.present(eventguid, 10)).toEqual(present);
  });
}
