import { expect, it } from '@jest/globals';
import type { HeldSession, SessionClaim } from '@ringback/core';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { namedSubscription, sampleEvent, sampleLeaseId, sampleTrigger, takeSession } from './port-samples.js';
import { waitFor } from './wait-for.js';

/** How sessions end that nobody comes back to. */
export function describeExpiring(nodes: ClusterOfTwo): void {
  const eventguid = sampleEvent();

  const leave = async (): Promise<SessionClaim & HeldSession> => {
    const session = await takeSession(nodes.here);
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    await nodes.here.sessions.leave(session);
    return session;
  };

  const timeIsUp = async ({ subscriber }: HeldSession): Promise<void> => {
    const { expiresAt } = (await nodes.there.sessions.find(subscriber))!;
    await waitFor(() => Date.now() > expiresAt! + 1, 'the end of the time to live');
  };

  it('ends a session with all that it holds, what cuts have ended included', async () => {
    await nodes.reopen({ sessionTtlMs: 60 });
    const session = await takeSession(nodes.here);
    const cut = sampleEvent();
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    await nodes.here.subscriptions.put(namedSubscription(session, cut));
    await nodes.here.relay.publish(sampleTrigger(cut, { removeAfterSend: true }));
    await nodes.here.sessions.leave(session);
    await waitFor(async () => (await nodes.there.sessions.expire()) === 1, 'the end of the session');
    expect(await nodes.here.sessions.find(session.subscriber)).toBeUndefined();
    expect(await nodes.here.subscriptions.find(eventguid, session.subscriber)).toBeUndefined();
    expect(await nodes.here.subscriptions.event(eventguid)).toMatchObject({ subscribers: 0 });
    const resumed = await nodes.here.subscriptions.resume(
      cut,
      session.subscriber,
      sampleLeaseId(),
      undefined,
    );
    expect(resumed.subscriptions).toEqual([]);
    expect((await nodes.here.sessions.away({ limit: 10 })).items).toEqual([]);
    expect(await nodes.there.sessions.expire()).toBe(0);
  });

  it('ends no session before its time', async () => {
    const session = await leave();
    expect(await nodes.there.sessions.expire()).toBe(0);
    expect(await nodes.here.subscriptions.find(eventguid, session.subscriber)).toBeDefined();
  });

  it('ends no session that is held, however long', async () => {
    await nodes.reopen({ sessionTtlMs: 60 });
    const held = await takeSession(nodes.here);
    await nodes.here.subscriptions.put(namedSubscription(held, eventguid));
    await timeIsUp(await leave());
    expect(await nodes.there.sessions.expire()).toBe(1);
    expect(await nodes.there.sessions.held([held])).toEqual([true]);
    expect(await nodes.there.subscriptions.find(eventguid, held.subscriber)).toBeDefined();
  });

  it('ends no session that was taken in time, or before it was ended', async () => {
    await nodes.reopen({ sessionTtlMs: 60 });
    const [early, late] = [await leave(), await leave()];
    const mark = await leave();
    const returned = await takeSession(nodes.there, { subscriber: early.subscriber });
    await timeIsUp(mark);
    const last = await takeSession(nodes.there, { subscriber: late.subscriber });
    expect(await nodes.there.sessions.expire()).toBe(1);
    expect(await nodes.there.sessions.held([returned, last])).toEqual([true, true]);
    for (const { subscriber } of [early, late]) {
      expect(await nodes.there.subscriptions.find(eventguid, subscriber)).toBeDefined();
    }
    expect(await nodes.there.subscriptions.find(eventguid, mark.subscriber)).toBeUndefined();
  });

  it('begins anew with who comes back too late', async () => {
    await nodes.reopen({ sessionTtlMs: 60 });
    const session = await leave();
    await waitFor(async () => (await nodes.there.sessions.expire()) === 1, 'the end of the session');
    const { generation, events } = await nodes.here.sessions.take(session);
    expect(events).toEqual([]);
    expect(generation).toBeGreaterThan(session.generation);
  });

  it('counts each session once where two nodes expire at once', async () => {
    await nodes.reopen({ sessionTtlMs: 60 });
    const sessions = await Promise.all(Array.from({ length: 20 }, leave));
    for (const session of sessions) await timeIsUp(session);
    const counts = await Promise.all([nodes.here.sessions.expire(), nodes.there.sessions.expire()]);
    expect(counts[0] + counts[1]).toBe(20);
    expect(await nodes.here.subscriptions.event(eventguid)).toMatchObject({ subscribers: 0 });
  });
}
