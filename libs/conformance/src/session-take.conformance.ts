import { expect, it } from '@jest/globals';
import type { SessionClaim, SessionHolder } from '@ringback/core';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { namedSubscription, sampleClaim, sampleEvent, takeSession } from './port-samples.js';

const STRANGE_SUBSCRIBERS = [
  'n:shop/a',
  'n:{shop}/a',
  'n:%7Bshop%7D/a',
  'n:shop/über 🔔',
  'n:__proto__/a',
  'n:*/a',
];

/** Who holds a session, and since which generation. */
export function describeTaking(nodes: ClusterOfTwo): void {
  it('makes a session that holds nothing', async () => {
    const claim = sampleClaim();
    expect(await nodes.here.sessions.take(claim)).toEqual({ generation: expect.any(Number), events: [] });
    const found = await nodes.there.sessions.find(claim.subscriber);
    expect(found).toEqual({
      subscriber: claim.subscriber,
      holder: holderOf(claim),
      lastSeenAt: found!.lastSeenAt,
      events: [],
    });
    expect(Math.abs(found!.lastSeenAt - Date.now())).toBeLessThan(60_000);
  });

  it('knows no session that nobody has taken', async () => {
    const { subscriber } = sampleClaim();
    expect(await nodes.here.sessions.find(subscriber)).toBeUndefined();
    expect(await nodes.here.sessions.held([{ subscriber, generation: 1 }])).toEqual([false]);
  });

  it('takes a session over under the next generation, and names the connection that held it', async () => {
    const first = sampleClaim();
    const second = sampleClaim({ subscriber: first.subscriber });
    const third = sampleClaim({ subscriber: first.subscriber });
    const taken = [
      await nodes.here.sessions.take(first),
      await nodes.there.sessions.take(second),
      await nodes.here.sessions.take(third),
    ];
    expect(taken.map(({ replaced }) => replaced)).toEqual([undefined, holderOf(first), holderOf(second)]);
    const generations = taken.map(({ generation }) => generation);
    expect(generations).toEqual([...new Set(generations)].sort((a, b) => a - b));
    expect(await nodes.there.sessions.find(first.subscriber)).toMatchObject({ holder: holderOf(third) });
  });

  it('names nobody who held a session that was away', async () => {
    const session = await takeSession(nodes.here);
    const eventguid = sampleEvent();
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    await nodes.here.sessions.leave(session);
    const again = sampleClaim({ subscriber: session.subscriber });
    expect(await nodes.there.sessions.take(again)).toEqual({
      generation: expect.any(Number),
      events: [{ eventguid }],
    });
    const found = await nodes.here.sessions.find(session.subscriber);
    expect(found).toMatchObject({ holder: holderOf(again) });
    expect(found!.expiresAt).toBeUndefined();
  });

  it('answers with the events that the session holds, and how far each was acknowledged', async () => {
    const session = await takeSession(nodes.here);
    const [fresh, known] = [sampleEvent(), sampleEvent()];
    await nodes.here.subscriptions.put(namedSubscription(session, fresh));
    await nodes.here.subscriptions.put(namedSubscription(session, known));
    const acknowledged = { epoch: 'epoch', offset: 7 };
    await nodes.here.sessions.acknowledge(session, new Map([[known, acknowledged]]));
    const { events } = await nodes.there.sessions.take(sampleClaim({ subscriber: session.subscriber }));
    expect(events).toHaveLength(2);
    expect(events).toEqual(
      expect.arrayContaining([{ eventguid: fresh }, { eventguid: known, acknowledged }]),
    );
  });

  it('says which sessions are still held under which generation', async () => {
    const [mine, lost, left] = [
      await takeSession(nodes.here),
      await takeSession(nodes.here),
      await takeSession(nodes.here),
    ];
    const taken = await takeSession(nodes.there, { subscriber: lost.subscriber });
    await nodes.here.subscriptions.put(namedSubscription(left, sampleEvent()));
    await nodes.here.sessions.leave(left);
    const asked = [mine, lost, taken, left, { ...mine, generation: mine.generation + 1 }];
    expect(await nodes.here.sessions.held(asked)).toEqual([true, false, true, false, false]);
    expect(await nodes.here.sessions.held([])).toEqual([]);
  });

  it('gives each generation once where nodes race for a session', async () => {
    const { subscriber } = sampleClaim();
    const racing = Array.from({ length: 20 }, (_, index) =>
      takeSession(index % 2 ? nodes.here : nodes.there, { subscriber }),
    );
    const taken = await Promise.all(racing);
    const generations = taken.map(({ generation }) => generation).sort((a, b) => a - b);
    expect(new Set(generations).size).toBe(20);
    const held = await nodes.here.sessions.held(taken);
    expect(taken.filter((_, index) => held[index]).map(({ generation }) => generation)).toEqual([
      generations.at(-1),
    ]);
  });

  it('tells the sessions of strange names apart', async () => {
    for (const subscriber of STRANGE_SUBSCRIBERS) {
      expect(await nodes.here.sessions.take(sampleClaim({ subscriber }))).toMatchObject({ events: [] });
    }
    for (const subscriber of STRANGE_SUBSCRIBERS) {
      expect(await nodes.there.sessions.find(subscriber)).toMatchObject({ subscriber });
    }
  });

  it('makes no new session where as many are away as may be, and still takes those that there are', async () => {
    await nodes.reopen({ sessionsAway: 1 });
    const away = await takeSession(nodes.here);
    const held = await takeSession(nodes.here);
    await nodes.here.subscriptions.put(namedSubscription(away, sampleEvent()));
    await nodes.here.sessions.leave(away);
    const further = sampleClaim();
    const refused = nodes.there.sessions.take(further);
    await expect(refused).rejects.toMatchObject({ code: 'offline-session-limit' });
    expect(await nodes.there.sessions.find(further.subscriber)).toBeUndefined();
    const heldAgain = await takeSession(nodes.there, { subscriber: held.subscriber });
    const awayAgain = await takeSession(nodes.there, { subscriber: away.subscriber });
    expect(heldAgain.generation).toBeGreaterThan(held.generation);
    expect(awayAgain.generation).toBeGreaterThan(away.generation);
    expect(await nodes.there.sessions.take(further)).toMatchObject({ events: [] });
  });
}

function holderOf({ connectionId, lease }: SessionClaim): SessionHolder {
  return { nodeId: lease.nodeId, connectionId };
}
