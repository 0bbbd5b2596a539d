import { expect, it } from '@jest/globals';
import type { EventGuid } from '@ringback/contract';
import type { SessionClaim } from '@ringback/core';
import { allItems, allPages } from './all-pages.js';
import type { ClusterOfTwo } from './cluster-of-two.js';
import {
  namedSubscription,
  sampleClaim,
  sampleEvent,
  sampleSubscription,
  sampleTrigger,
  takeSession,
} from './port-samples.js';
import { RecordingListener } from './recording-listener.js';
import { waitFor } from './wait-for.js';

/** Subscriptions that outlast their connections. */
export function describeNaming(nodes: ClusterOfTwo): void {
  const put = async (eventguid: EventGuid): Promise<SessionClaim> => {
    const session = await takeSession(nodes.here);
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    return session;
  };

  const cut = (eventguid: EventGuid) =>
    nodes.there.relay.publish(sampleTrigger(eventguid, { removeAfterSend: true }));

  const resumed = async (eventguid: EventGuid, { subscriber, lease }: SessionClaim) =>
    (await nodes.there.subscriptions.resume(eventguid, subscriber, lease, undefined)).subscriptions;

  it('makes a named subscription that every node finds and every trigger counts', async () => {
    const eventguid = sampleEvent();
    const session = await takeSession(nodes.here);
    const subscription = namedSubscription(session, eventguid);
    await nodes.here.subscriptions.put(sampleSubscription(eventguid));
    const { since, position } = await nodes.here.subscriptions.put(subscription);
    expect(since).toEqual(position);
    const found = await nodes.there.subscriptions.find(eventguid, session.subscriber);
    expect(found).toEqual({ ...subscription, since, madeAt: found!.madeAt });
    expect(await nodes.there.subscriptions.event(eventguid)).toMatchObject({ subscribers: 2 });
    expect(await nodes.there.relay.publish(sampleTrigger(eventguid))).toMatchObject({ subscribers: 2 });
  });

  it('changes only the cookie of a named subscriber that has the event, and its lease', async () => {
    const eventguid = sampleEvent();
    const session = await takeSession(nodes.here);
    const first = namedSubscription(session, eventguid);
    const made = await nodes.here.subscriptions.put(first);
    const before = await nodes.here.subscriptions.find(eventguid, session.subscriber);
    const { position } = await nodes.here.relay.publish(sampleTrigger(eventguid));
    const { lease } = await takeSession(nodes.there, { subscriber: session.subscriber });
    const again = { ...first, subscriptionId: 'another', cookie: 'last', lease };
    expect(await nodes.there.subscriptions.put(again)).toEqual({
      subscriptionId: first.subscriptionId,
      since: made.since,
      position,
    });
    const found = await nodes.here.subscriptions.find(eventguid, session.subscriber);
    expect(found).toEqual({ ...before, cookie: 'last', lease });
    expect(await nodes.there.subscriptions.event(eventguid)).toMatchObject({ subscribers: 1 });
  });

  it('ends named and other subscriptions by a one-shot, and counts each once', async () => {
    const eventguid = sampleEvent();
    const session = await put(eventguid);
    await nodes.here.subscriptions.put(sampleSubscription(eventguid));
    expect(await cut(eventguid)).toMatchObject({ subscribers: 2 });
    expect(await nodes.here.subscriptions.find(eventguid, session.subscriber)).toBeUndefined();
    expect(await nodes.here.subscriptions.event(eventguid)).toMatchObject({ subscribers: 0 });
    expect(await allItems((page) => nodes.here.subscriptions.subscriptions(eventguid, page), 10)).toEqual([]);
    expect(await cut(eventguid)).toMatchObject({ subscribers: 0 });
  });

  it('makes a new subscription where a one-shot has ended the old one, and keeps both', async () => {
    const eventguid = sampleEvent();
    const session = await put(eventguid);
    const { position } = await cut(eventguid);
    const next = namedSubscription(session, eventguid, { subscriptionId: 'new' });
    expect(await nodes.here.subscriptions.put(next)).toEqual({
      subscriptionId: 'new',
      since: position,
      position,
    });
    expect(await resumed(eventguid, session)).toHaveLength(2);
  });

  it('stores nothing where a one-shot has come after the position to continue from', async () => {
    const eventguid = sampleEvent();
    const session = await takeSession(nodes.here);
    const { position: after } = await nodes.here.relay.publish(sampleTrigger(eventguid));
    await cut(eventguid);
    const result = await nodes.here.subscriptions.put(namedSubscription(session, eventguid, { after }));
    expect(result).toMatchObject({ since: after, recovered: true, ended: true });
    expect(await nodes.here.subscriptions.find(eventguid, session.subscriber)).toBeUndefined();
    expect(await resumed(eventguid, session)).toEqual([]);
  });

  it('removes all that a named subscriber has of an event, what cuts have ended included', async () => {
    const eventguid = sampleEvent();
    const session = await put(eventguid);
    await cut(eventguid);
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    expect(await nodes.there.subscriptions.remove(eventguid, session.subscriber)).toBe(true);
    expect(await resumed(eventguid, session)).toEqual([]);
    expect(await nodes.here.subscriptions.remove(eventguid, session.subscriber)).toBe(false);
    expect(await nodes.here.subscriptions.event(eventguid)).toMatchObject({ subscribers: 0 });
  });

  it('says that it has ended what only a cut had ended, and nothing of others', async () => {
    const eventguid = sampleEvent();
    const [session, other] = [await put(eventguid), await put(eventguid)];
    await cut(eventguid);
    expect(await nodes.there.subscriptions.remove(eventguid, session.subscriber)).toBe(true);
    expect(await resumed(eventguid, session)).toEqual([]);
    expect(await resumed(eventguid, other)).toHaveLength(1);
  });

  it('tells the nodes that follow of a removal', async () => {
    const eventguid = sampleEvent();
    const listener = RecordingListener.at(nodes.here);
    await nodes.here.relay.follow(eventguid);
    const session = await takeSession(nodes.here);
    const { subscriber } = session;
    const { subscriptionId } = await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    await nodes.there.subscriptions.remove(eventguid, subscriber, 'tell-nodes');
    await waitFor(() => listener.removed.length > 0, 'the removal');
    expect(listener.removed).toEqual([{ eventguid, subscriber, subscriptionId }]);
  });

  it('ends all that a named subscriber holds, in all events', async () => {
    const [standing, ended] = [sampleEvent(), sampleEvent()];
    const session = await put(standing);
    await nodes.here.subscriptions.put(namedSubscription(session, ended));
    const other = await put(ended);
    await cut(ended);
    await nodes.here.subscriptions.removeSubscriber(session.subscriber, session.lease, [standing]);
    expect(await nodes.there.subscriptions.find(standing, session.subscriber)).toBeUndefined();
    expect(await resumed(ended, session)).toEqual([]);
    expect(await resumed(ended, other)).toHaveLength(1);
  });

  it('puts again what was lost, and lets it be ended like any other', async () => {
    const eventguid = sampleEvent();
    const session = await put(eventguid);
    const stored = (await nodes.here.subscriptions.find(eventguid, session.subscriber))!;
    await nodes.shared.restart({ keep: false });
    await nodes.here.sessions.restore(session, 1, new Map());
    await nodes.here.subscriptions.restore([stored]);
    expect(await nodes.there.subscriptions.find(eventguid, session.subscriber)).toEqual(stored);
    expect(await cut(eventguid)).toMatchObject({ subscribers: 1 });
    expect(await resumed(eventguid, session)).toMatchObject([
      { subscriptionId: stored.subscriptionId, cut: { envelope: { oneShot: true } } },
    ]);
  });

  it('leaves ended what a one-shot has ended, and what a newer put has replaced', async () => {
    const eventguid = sampleEvent();
    const session = await put(eventguid);
    const stored = (await nodes.here.subscriptions.find(eventguid, session.subscriber))!;
    await cut(eventguid);
    await nodes.here.subscriptions.restore([stored]);
    expect(await nodes.there.subscriptions.find(eventguid, session.subscriber)).toBeUndefined();
    expect(await resumed(eventguid, session)).toHaveLength(1);
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid, { subscriptionId: 'new' }));
    await nodes.here.subscriptions.restore([stored]);
    expect(await nodes.there.subscriptions.find(eventguid, session.subscriber)).toMatchObject({
      subscriptionId: 'new',
    });
  });

  it('shows named and other subscriptions of an event page by page', async () => {
    const eventguid = sampleEvent();
    const ephemeral = Array.from({ length: 300 }, (_, index) =>
      sampleSubscription(eventguid, { subscriber: `c:${index}` }),
    );
    const named = Array.from({ length: 300 }, () => namedSubscription(sampleClaim(), eventguid));
    await Promise.all(named.map((subscription) => nodes.here.sessions.take(claimOf(subscription))));
    const all = [...ephemeral, ...named];
    await Promise.all(all.map((subscription) => nodes.here.subscriptions.put(subscription)));
    const pages = await allPages((page) => nodes.there.subscriptions.subscriptions(eventguid, page), 50);
    const shown = pages.flatMap(({ items }) => items.map(({ subscriber }) => subscriber));
    expect(new Set(shown)).toEqual(new Set(all.map(({ subscriber }) => subscriber)));
    for (const { items } of pages) expect(items.length).toBeLessThan(350);
    expect(pages.length).toBeGreaterThan(2);
  });

  it('lists an event that has named subscriptions only', async () => {
    const eventguid = sampleEvent();
    const { subscriber } = await put(eventguid);
    const found = await nodes.here.subscriptions.find(eventguid, subscriber);
    expect(await allItems((page) => nodes.there.subscriptions.subscriptions(eventguid, page), 10)).toEqual([
      found,
    ]);
  });
}

function claimOf({ subscriber, lease }: ReturnType<typeof namedSubscription>): SessionClaim {
  return sampleClaim({ subscriber, lease });
}
