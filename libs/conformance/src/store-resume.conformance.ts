import { expect, it } from '@jest/globals';
import type { EventGuid, Position } from '@ringback/contract';
import type { Resumption, SessionClaim } from '@ringback/core';
import type { ClusterOfTwo } from './cluster-of-two.js';
import {
  namedSubscription,
  sampleClaim,
  sampleEvent,
  sampleLeaseId,
  sampleTrigger,
  takeSession,
} from './port-samples.js';

/** From where a named subscriber who comes back goes on. */
export function describeResuming(nodes: ClusterOfTwo): void {
  const publish = async (eventguid: EventGuid, count: number): Promise<readonly Position[]> => {
    const positions: Position[] = [];
    for (let index = 0; index < count; index++) {
      positions.push((await nodes.here.relay.publish(sampleTrigger(eventguid))).position);
    }
    return positions;
  };

  const resume = (eventguid: EventGuid, { subscriber, lease }: SessionClaim, seen?: Position) =>
    nodes.there.subscriptions.resume(eventguid, subscriber, lease, seen);

  it('tells the subscription that stands, as it was made, and where the event stands', async () => {
    const eventguid = sampleEvent();
    const session = await takeSession(nodes.here);
    await publish(eventguid, 2);
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid, { cookie: 'first' }));
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid, { cookie: 'last' }));
    const [position] = (await publish(eventguid, 3)).slice(-1);
    const stored = (await nodes.here.subscriptions.find(eventguid, session.subscriber))!;
    const { subscriptionId, cookie, since, madeAt } = stored;
    expect(cookie).toBe('last');
    expect(await resume(eventguid, session)).toEqual({
      position,
      keptAfter: 0,
      subscriptions: [{ subscriptionId, cookie, since, madeAt, from: 2, recovered: true }],
    });
  });

  it('changes the lease of the subscription that stands, and nothing else', async () => {
    const eventguid = sampleEvent();
    const session = await takeSession(nodes.here);
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    const before = await nodes.here.subscriptions.find(eventguid, session.subscriber);
    const lease = sampleLeaseId();
    await resume(eventguid, { ...session, lease });
    expect(await nodes.here.subscriptions.find(eventguid, session.subscriber)).toEqual({ ...before, lease });
  });

  it('tells nothing to who holds nothing, and stores nothing', async () => {
    const eventguid = sampleEvent();
    const [mine, other] = [await takeSession(nodes.here), await takeSession(nodes.here)];
    await nodes.here.subscriptions.put(namedSubscription(other, eventguid));
    const [position] = await publish(eventguid, 1);
    expect(await resume(eventguid, mine)).toEqual({ position, keptAfter: 0, subscriptions: [] });
    expect((await resume(sampleEvent(), mine)).subscriptions).toEqual([]);
    expect(await nodes.here.subscriptions.find(eventguid, mine.subscriber)).toBeUndefined();
    expect(await nodes.here.subscriptions.event(eventguid)).toMatchObject({ subscribers: 1 });
  });

  it('goes on after the later of since and what was seen', async () => {
    const eventguid = sampleEvent();
    const session = await takeSession(nodes.here);
    const [before] = await publish(eventguid, 2);
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    const [, seen] = await publish(eventguid, 3);
    expect(fromOf(await resume(eventguid, session, before))).toEqual([2]);
    expect(fromOf(await resume(eventguid, session, seen))).toEqual([4]);
    expect(fromOf(await resume(eventguid, session))).toEqual([2]);
  });

  it('goes on across a restart that has lost nothing', async () => {
    const eventguid = sampleEvent();
    const session = await takeSession(nodes.here);
    await publish(eventguid, 1);
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    const [seen] = await publish(eventguid, 2);
    await nodes.shared.restart({ keep: true });
    await publish(eventguid, 2);
    expect((await resume(eventguid, session)).subscriptions).toMatchObject([{ from: 1, recovered: true }]);
    expect((await resume(eventguid, session, seen)).subscriptions).toMatchObject([
      { from: 2, recovered: true },
    ]);
  });

  it('counts a position behind the end of its closed epoch as that end, and says that something is lost', async () => {
    const eventguid = sampleEvent();
    const session = await takeSession(nodes.here);
    const { since } = await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    await publish(eventguid, 2);
    await nodes.shared.restart({ keep: true });
    await publish(eventguid, 3);
    const ahead = { epoch: since.epoch, offset: 4 };
    const expected = [{ from: 2, recovered: false }];
    expect((await resume(eventguid, session, ahead)).subscriptions).toMatchObject(expected);
    const other = await takeSession(nodes.here);
    const stored = { ...namedSubscription(other, eventguid), since: ahead, madeAt: 1 };
    await nodes.here.subscriptions.restore([stored]);
    expect((await resume(eventguid, other)).subscriptions).toMatchObject(expected);
  });

  it('counts a position of an unknown epoch as 0, and says that something is lost', async () => {
    const eventguid = sampleEvent();
    const [, second] = await publish(eventguid, 3);
    const session = await takeSession(nodes.here);
    const unknown = { epoch: 'gone', offset: 2 };
    const stored = { ...namedSubscription(session, eventguid), since: unknown, madeAt: 1 };
    await nodes.here.subscriptions.restore([stored]);
    expect((await resume(eventguid, session)).subscriptions).toMatchObject([{ from: 0, recovered: false }]);
    expect((await resume(eventguid, session, second)).subscriptions).toMatchObject([
      { from: 2, recovered: true },
    ]);
    const other = await takeSession(nodes.here);
    await nodes.here.subscriptions.put(namedSubscription(other, eventguid));
    expect((await resume(eventguid, other, unknown)).subscriptions).toMatchObject([
      { from: 3, recovered: false },
    ]);
  });

  it('goes on where the event stands, where more was seen than there is', async () => {
    const eventguid = sampleEvent();
    const session = await takeSession(nodes.here);
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    const [, { epoch }] = (await publish(eventguid, 2)) as [Position, Position];
    const ahead = { epoch, offset: 100 };
    expect((await resume(eventguid, session, ahead)).subscriptions).toMatchObject([
      { from: 2, recovered: false },
    ]);
  });

  it('says that something is lost where the history was trimmed behind it', async () => {
    await nodes.reopen({ history: { envelopes: 2, ageMs: 60_000, bytes: 1024 * 1024 } });
    const eventguid = sampleEvent();
    const session = await takeSession(nodes.here);
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    const positions = await publish(eventguid, 5);
    const at = async (seen?: Position) => (await resume(eventguid, session, seen)).subscriptions;
    expect(await at()).toMatchObject([{ from: 0, recovered: false }]);
    expect(await at(positions[1])).toMatchObject([{ from: 2, recovered: false }]);
    expect(await at(positions[2])).toMatchObject([{ from: 3, recovered: true }]);
    expect(await at(positions[4])).toMatchObject([{ from: 5, recovered: true }]);
  });

  it('stands before or after each racing trigger, never in between', async () => {
    const eventguid = sampleEvent();
    const session = await takeSession(nodes.here);
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    const racing = Array.from({ length: 10 }, async () => {
      const published = nodes.here.relay.publish(sampleTrigger(eventguid, { removeAfterSend: true }));
      const { position, subscriptions } = await resume(eventguid, session);
      await published;
      return { offset: position.offset, cut: subscriptions[0]?.cut?.envelope.position.offset };
    });
    for (const { offset, cut } of await Promise.all(racing)) expect(cut).toBe(offset === 0 ? undefined : 1);
  });

  it('tells strange names and cookies as they were put', async () => {
    const eventguid = sampleEvent();
    for (const subscriber of ['n:{shop}/%7Ba', 'n:shop/über 🔔', 'n:__proto__/a']) {
      const session = sampleClaim({ subscriber });
      await nodes.here.sessions.take(session);
      const cookie = `tab\tand\nnewline\0${subscriber}`;
      await nodes.here.subscriptions.put(namedSubscription(session, eventguid, { cookie }));
      expect((await resume(eventguid, session)).subscriptions).toMatchObject([{ cookie }]);
    }
  });
}

function fromOf({ subscriptions }: Resumption): readonly number[] {
  return subscriptions.map(({ from }) => from);
}
