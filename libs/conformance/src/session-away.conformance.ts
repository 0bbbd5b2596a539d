import { expect, it } from '@jest/globals';
import type { HeldSession, SessionClaim } from '@ringback/core';
import { allItems } from './all-pages.js';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { namedSubscription, sampleClaim, sampleEvent, takeSession } from './port-samples.js';

const HOUR_MS = 3_600_000;

/** Sessions whose connection has ended. */
export function describeLeaving(nodes: ClusterOfTwo): void {
  const subscribed = async (): Promise<SessionClaim & HeldSession> => {
    const session = await takeSession(nodes.here);
    await nodes.here.subscriptions.put(namedSubscription(session, sampleEvent()));
    return session;
  };

  const away = (limit = 10) => allItems((page) => nodes.there.sessions.away(page), limit);

  it('keeps a session with what it holds, for its time to live', async () => {
    await nodes.reopen({ sessionTtlMs: HOUR_MS });
    const session = await takeSession(nodes.here);
    const eventguid = sampleEvent();
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    await nodes.here.sessions.leave(session);
    const { lastSeenAt, expiresAt, ...rest } = (await nodes.there.sessions.find(session.subscriber))!;
    expect(rest).toEqual({ subscriber: session.subscriber, events: [{ eventguid }] });
    expect(expiresAt! - lastSeenAt).toBe(HOUR_MS);
    expect(await nodes.there.subscriptions.find(eventguid, session.subscriber)).toBeDefined();
  });

  it('does nothing where an older generation leaves', async () => {
    const old = await subscribed();
    const present = await takeSession(nodes.there, { subscriber: old.subscriber });
    const before = await nodes.there.sessions.find(old.subscriber);
    await nodes.here.sessions.leave(old);
    expect(await nodes.there.sessions.find(old.subscriber)).toEqual(before);
    expect(await nodes.there.sessions.held([present])).toEqual([true]);
    expect(await away()).toEqual([]);
  });

  it('ends a session at once that holds no event', async () => {
    const session = await takeSession(nodes.here);
    const eventguid = sampleEvent();
    await nodes.here.subscriptions.put(namedSubscription(session, eventguid));
    await nodes.here.subscriptions.remove(eventguid, session.subscriber);
    await nodes.here.sessions.leave(session);
    expect(await nodes.there.sessions.find(session.subscriber)).toBeUndefined();
    expect(await away()).toEqual([]);
    const anew = await takeSession(nodes.there, { subscriber: session.subscriber });
    expect(anew.generation).toBeGreaterThan(session.generation);
    // Whoever held the earlier one has no say in the new one.
    await nodes.here.sessions.leave(session);
    expect(await nodes.there.sessions.held([anew])).toEqual([true]);
  });

  it('makes a session away whose taking was abandoned, and no other', async () => {
    const claim = sampleClaim();
    const { subscriber } = claim;
    await nodes.here.sessions.take(claim);
    await nodes.here.subscriptions.put(namedSubscription(claim, sampleEvent()));
    await nodes.here.sessions.abandon({ ...claim, connectionId: 'another' });
    expect(await nodes.there.sessions.find(subscriber)).toMatchObject({ holder: expect.anything() });
    await nodes.here.sessions.abandon(claim);
    expect(await nodes.there.sessions.find(subscriber)).toMatchObject({ expiresAt: expect.any(Number) });
    await nodes.here.sessions.abandon(sampleClaim());
  });

  it('takes a leave where there is no session', async () => {
    const session = await takeSession(nodes.here);
    await nodes.here.sessions.leave(session);
    await nodes.here.sessions.leave(session);
    expect(await nodes.there.sessions.find(session.subscriber)).toBeUndefined();
  });

  it('lists the sessions that are away, as they are found, and no others', async () => {
    const [gone, back] = [await subscribed(), await subscribed()];
    await subscribed();
    await nodes.here.sessions.leave(gone);
    await nodes.here.sessions.leave(back);
    await takeSession(nodes.there, { subscriber: back.subscriber });
    expect(await away()).toEqual([await nodes.there.sessions.find(gone.subscriber)]);
  });

  it('lists those first that end soonest, page by page', async () => {
    const sessions = await Promise.all(Array.from({ length: 25 }, subscribed));
    for (const session of sessions) await nodes.here.sessions.leave(session);
    const listed = await away();
    expect(new Set(listed.map(({ subscriber }) => subscriber))).toEqual(
      new Set(sessions.map(({ subscriber }) => subscriber)),
    );
    const ends = listed.map(({ expiresAt }) => expiresAt!);
    expect(ends).toEqual([...ends].sort((a, b) => a - b));
    const { items, next } = await nodes.there.sessions.away({ limit: 10 });
    expect(items.length).toBeLessThan(25);
    expect(next).toBeDefined();
  });

  it('leaves out no session that stays away while others come back', async () => {
    const sessions = await Promise.all(Array.from({ length: 30 }, subscribed));
    for (const session of sessions) await nodes.here.sessions.leave(session);
    const shown = new Set<string>();
    let returned = 0;
    await allItems(async (page) => {
      const answer = await nodes.there.sessions.away(page);
      for (const { subscriber } of answer.items) shown.add(subscriber);
      await takeSession(nodes.here, { subscriber: sessions[returned]!.subscriber });
      returned++;
      return answer;
    }, 5);
    for (const { subscriber } of sessions.slice(returned)) expect(shown).toContain(subscriber);
  });

  it('refuses a cursor that it has not given', async () => {
    const reading = nodes.here.sessions.away({ limit: 10, cursor: 'no cursor' });
    await expect(reading).rejects.toMatchObject({ code: 'bad-request' });
  });
}
