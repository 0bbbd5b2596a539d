import { expect, it } from '@jest/globals';
import type { EventGuid, Position } from '@ringback/contract';
import type { SessionClaim } from '@ringback/core';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { namedSubscription, sampleEvent, sampleTrigger, takeSession } from './port-samples.js';
import { waitFor } from './wait-for.js';

/** What a cut sets aside for named subscribers, until they have settled it. */
export function describeSettingAside(nodes: ClusterOfTwo): void {
  const subscribed = async (eventguid: EventGuid, subscriptionId = 'first'): Promise<SessionClaim> => {
    const session = await takeSession(nodes.here);
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid, { subscriptionId }));
    return session;
  };

  const publish = async (eventguid: EventGuid): Promise<Position> =>
    (await nodes.here.relay.publish(sampleTrigger(eventguid))).position;

  const cut = async (eventguid: EventGuid): Promise<Position> =>
    (await nodes.here.relay.publish(sampleTrigger(eventguid, { removeAfterSend: true }))).position;

  const resumed = async (eventguid: EventGuid, { subscriber, lease }: SessionClaim, seen?: Position) =>
    (await nodes.there.subscriptions.resume(eventguid, subscriber, lease, seen)).subscriptions;

  it('keeps the subscription with the very envelope that has ended it', async () => {
    const eventguid = sampleEvent();
    const session = await takeSession(nodes.here);
    const subscription = namedSubscription(session, eventguid, { cookie: 'tab\tand 🔔' });
    const { since } = await nodes.here.subscriptions.put(subscription);
    const { madeAt } = (await nodes.here.subscriptions.find(eventguid, session.subscriber))!;
    await publish(eventguid);
    const labels = {
      type: 'type',
      contentType: 'application/octet-stream',
      source: 'source',
      id: 'id',
      origin: 'o/e:1',
    };
    const data = Uint8Array.from({ length: 256 }, (_, index) => index);
    const oneShot = sampleTrigger(eventguid, { ...labels, data, removeAfterSend: true });
    await nodes.here.relay.publish(oneShot, { nodeId: 'node', receiptId: 'receipt' });
    await publish(eventguid);
    const missed = await nodes.there.relay.since(eventguid, since);
    const [ended, ...more] = await resumed(eventguid, session);
    const { subscriptionId, cookie } = subscription;
    const relayed = missed === 'lost' ? undefined : missed[1];
    expect(relayed?.envelope.oneShot).toBe(true);
    expect(ended).toEqual({ subscriptionId, cookie, since, madeAt, from: 0, recovered: true, cut: relayed });
    expect(more).toEqual([]);
  });

  it('ends a subscription by the first cut after it, and by no other', async () => {
    const eventguid = sampleEvent();
    const session = await subscribed(eventguid);
    await cut(eventguid);
    await publish(eventguid);
    await cut(eventguid);
    expect(await resumed(eventguid, session)).toMatchObject([
      { subscriptionId: 'first', cut: { envelope: { position: { offset: 1 } } } },
    ]);
  });

  it('keeps one for each time that the subscriber has subscribed, oldest first', async () => {
    const eventguid = sampleEvent();
    const session = await subscribed(eventguid, 'first');
    for (const subscriptionId of ['second', 'third']) {
      await cut(eventguid);
      await nodes.here.subscriptions.put(namedSubscription(session, eventguid, { subscriptionId }));
    }
    const subscriptions = await resumed(eventguid, session);
    expect(subscriptions).toMatchObject([
      { subscriptionId: 'first', from: 0, cut: { envelope: { position: { offset: 1 } } } },
      { subscriptionId: 'second', from: 1, cut: { envelope: { position: { offset: 2 } } } },
      { subscriptionId: 'third', from: 2 },
    ]);
    expect(subscriptions[2]!.cut).toBeUndefined();
  });

  it('orders cuts by their offsets, not by their digits', async () => {
    const eventguid = sampleEvent();
    const session = await takeSession(nodes.here);
    for (let index = 1; index <= 11; index++) {
      await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
      await cut(eventguid);
    }
    const offsets = (await resumed(eventguid, session)).map(({ cut: by }) => by?.envelope.position.offset);
    expect(offsets).toEqual(Array.from({ length: 11 }, (_, index) => index + 1));
  });

  it('keeps the envelope of the cut even where the history does not reach back', async () => {
    await nodes.reopen({ history: { envelopes: 2, ageMs: 60_000, bytes: 1024 * 1024 } });
    const eventguid = sampleEvent();
    const session = await subscribed(eventguid);
    const before = await publish(eventguid);
    await cut(eventguid);
    for (let index = 0; index < 5; index++) await publish(eventguid);
    const by = { envelope: { data: 'data', oneShot: true, position: { offset: 2 } } };
    expect(await resumed(eventguid, session)).toMatchObject([{ from: 0, recovered: false, cut: by }]);
    expect(await resumed(eventguid, session, before)).toMatchObject([{ from: 1, recovered: true, cut: by }]);
  });

  it('forgets what is settled, and nothing that came later', async () => {
    const eventguid = sampleEvent();
    const session = await subscribed(eventguid, 'first');
    const other = await subscribed(eventguid, 'other');
    const first = await cut(eventguid);
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid, { subscriptionId: 'second' }));
    const second = await cut(eventguid);
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid, { subscriptionId: 'third' }));
    const ids = async (who: SessionClaim) =>
      (await resumed(eventguid, who)).map(({ subscriptionId }) => subscriptionId);
    const settle = (offset: number) =>
      nodes.there.subscriptions.settle(eventguid, session.subscriber, { ...first, offset });
    await settle(first.offset - 1);
    expect(await ids(session)).toEqual(['first', 'second', 'third']);
    await settle(first.offset);
    expect(await ids(session)).toEqual(['second', 'third']);
    await settle(second.offset + 10);
    expect(await ids(session)).toEqual(['third']);
    await settle(second.offset + 10);
    expect(await ids(other)).toEqual(['other']);
  });

  it('keeps what was seen and is not settled', async () => {
    const eventguid = sampleEvent();
    const session = await subscribed(eventguid);
    const seen = await cut(eventguid);
    expect(await resumed(eventguid, session, seen)).toMatchObject([
      { from: 1, recovered: true, cut: { envelope: { position: seen } } },
    ]);
  });

  it('keeps what cuts have ended for the time to live of a session', async () => {
    await nodes.reopen({ sessionTtlMs: 60 });
    const eventguid = sampleEvent();
    const session = await subscribed(eventguid);
    await cut(eventguid);
    await waitFor(async () => (await resumed(eventguid, session)).length === 0, 'the end of the cut');
  });

  it('keeps the history for the time to live of a session where one may still come back for it', async () => {
    await nodes.reopen({ history: { envelopes: 100, ageMs: 60, bytes: 1024 * 1024 } });
    const [standing, ended, nobodys] = [sampleEvent(), sampleEvent(), sampleEvent()];
    const [stands, ends] = [await subscribed(standing), await subscribed(ended)];
    for (const eventguid of [standing, ended]) await publish(eventguid);
    await cut(ended);
    const alone = await publish(nobodys);
    await publish(nobodys);
    const lost = async (eventguid: EventGuid, after: Position) =>
      (await nodes.there.relay.since(eventguid, after)) === 'lost';
    await waitFor(() => lost(nobodys, alone), 'the end of the history that nobody needs');
    expect(await resumed(standing, stands)).toMatchObject([{ from: 0, recovered: true }]);
    expect(await resumed(ended, ends)).toMatchObject([{ from: 0, recovered: true }]);
    await nodes.here.subscriptions.remove(standing, stands.subscriber);
    const after = await publish(standing);
    await publish(standing);
    await waitFor(() => lost(standing, after), 'the end of the history that nobody needs any more');
  });
}
