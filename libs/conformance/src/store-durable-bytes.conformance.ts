import { expect, it } from '@jest/globals';
import type { EventGuid } from '@ringback/contract';
import type { HeldSession, SessionClaim, StoredSubscription } from '@ringback/core';
import type { ClusterOfTwo } from './cluster-of-two.js';
import type { NodePorts } from './port-cluster.js';
import {
  namedSubscription,
  sampleClaim,
  sampleEvent,
  sampleSubscription,
  sampleTrigger,
  takeSession,
} from './port-samples.js';
import { waitFor } from './wait-for.js';

/** Room for three subscriptions with this cookie, and not for four. */
const MOST_BYTES = 40_000;
const COOKIE = 'c'.repeat(10_000);
const FITTING = 3;
const REFUSED = { code: 'durable-bytes-limit', temporary: true };

type Session = SessionClaim & HeldSession;

/** What the durable sessions of one identity may keep. */
export function describeDurableBytes(nodes: ClusterOfTwo): void {
  const open = (more: { readonly sessionTtlMs?: number } = {}) =>
    nodes.reopen({ durableBytesPerIdentity: MOST_BYTES, ...more });

  const subscribe = (node: NodePorts, session: SessionClaim, cookie = COOKIE, eventguid = sampleEvent()) =>
    node.subscriptions.put(namedSubscription(session, eventguid, { cookie }));

  /** Resolves to the events that the session has subscribed to. */
  async function fill(session: Session): Promise<readonly EventGuid[]> {
    const eventguids = Array.from({ length: FITTING }, sampleEvent);
    for (const eventguid of eventguids) await subscribe(nodes.here, session, COOKIE, eventguid);
    return eventguids;
  }

  const cookieOf = async ({ subscriber }: SessionClaim, eventguid: EventGuid) =>
    (await nodes.there.subscriptions.find(eventguid, subscriber))?.cookie;

  it('refuses what is more, on every node and for every session of the identity, and leaves what stands', async () => {
    await open();
    const session = await takeSession(nodes.here);
    const eventguids = await fill(session);
    const another = await takeSession(nodes.there);
    const [refused, fresh] = [sampleEvent(), sampleEvent()];
    await expect(subscribe(nodes.here, session, COOKIE, refused)).rejects.toMatchObject(REFUSED);
    await expect(subscribe(nodes.there, another, COOKIE, fresh)).rejects.toMatchObject(REFUSED);
    expect(await cookieOf(session, refused)).toBeUndefined();
    expect(await nodes.there.sessions.find(another.subscriber)).toMatchObject({ events: [] });
    for (const eventguid of eventguids) expect(await cookieOf(session, eventguid)).toBe(COOKIE);
    const { events } = await nodes.there.sessions.take(sampleClaim({ subscriber: session.subscriber }));
    expect(new Set(events.map(({ eventguid }) => eventguid))).toEqual(new Set(eventguids));
  });

  it('refuses nobody else, nor the connections of the same', async () => {
    await open();
    await fill(await takeSession(nodes.here));
    const other = await takeSession(nodes.there, { subscriber: 'n:bank/1' });
    await subscribe(nodes.there, other);
    await nodes.here.subscriptions.put(sampleSubscription(sampleEvent(), { cookie: COOKIE }));
  });

  it('takes a small one where a big one has no room', async () => {
    await open();
    const session = await takeSession(nodes.here);
    await fill(session);
    await expect(subscribe(nodes.here, session)).rejects.toMatchObject(REFUSED);
    await subscribe(nodes.here, session, 'small');
  });

  it('has room again for what was unsubscribed, on any node', async () => {
    await open();
    const session = await takeSession(nodes.here);
    const [first] = await fill(session);
    for (let round = 0; round < 3; round++) {
      await expect(subscribe(nodes.here, session)).rejects.toMatchObject(REFUSED);
      expect(await nodes.there.subscriptions.remove(first!, session.subscriber)).toBe(true);
      await subscribe(nodes.here, session, COOKIE, first);
    }
  });

  it('counts of another cookie the difference; one that is too long changes nothing', async () => {
    await open();
    const session = await takeSession(nodes.here);
    const [first] = await fill(session);
    const same = 'd'.repeat(COOKIE.length);
    await subscribe(nodes.here, session, same, first);
    expect(await cookieOf(session, first!)).toBe(same);
    await expect(subscribe(nodes.here, session, COOKIE + COOKIE, first)).rejects.toMatchObject(REFUSED);
    expect(await cookieOf(session, first!)).toBe(same);
    await subscribe(nodes.here, session, 'short', first);
    await subscribe(nodes.here, session);
    await expect(subscribe(nodes.here, session, COOKIE, first)).rejects.toMatchObject(REFUSED);
    expect(await cookieOf(session, first!)).toBe('short');
  });

  it('counts a session that is away, and gives its bytes back when it has ended', async () => {
    await open({ sessionTtlMs: 300 });
    const session = await takeSession(nodes.here);
    await fill(session);
    await nodes.here.sessions.leave(session);
    const another = await takeSession(nodes.there);
    await expect(subscribe(nodes.there, another)).rejects.toMatchObject(REFUSED);
    await waitFor(async () => (await nodes.there.sessions.expire()) === 1, 'the end of the session');
    await fill(another);
  });

  it('counts what a cut has set aside until it is settled', async () => {
    await open();
    const session = await takeSession(nodes.here);
    const eventguid = sampleEvent();
    let cut = { epoch: '', offset: 0 };
    for (let round = 0; round < FITTING; round++) {
      await subscribe(nodes.here, session, COOKIE, eventguid);
      const trigger = sampleTrigger(eventguid, { removeAfterSend: true });
      cut = (await nodes.there.relay.publish(trigger)).position;
    }
    await expect(subscribe(nodes.here, session, COOKIE, eventguid)).rejects.toMatchObject(REFUSED);
    await expect(subscribe(nodes.there, session)).rejects.toMatchObject(REFUSED);
    await nodes.there.subscriptions.settle(eventguid, session.subscriber, { ...cut, offset: cut.offset - 1 });
    await subscribe(nodes.here, session, COOKIE, eventguid);
    await subscribe(nodes.here, session);
    await expect(subscribe(nodes.here, session)).rejects.toMatchObject(REFUSED);
  });

  it('lets as many in as there is room for where nodes race for it', async () => {
    await open();
    const sessions = await Promise.all(
      Array.from({ length: 12 }, (_, index) => takeSession(index % 2 ? nodes.here : nodes.there)),
    );
    const racing = sessions.map((session, index) => subscribe(index % 2 ? nodes.here : nodes.there, session));
    const outcomes = await Promise.allSettled(racing);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(FITTING);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(REFUSED);
  });

  it('lets no more in than there is room for where one session races for it, and knows afterwards what is left', async () => {
    await open();
    const session = await takeSession(nodes.here);
    const eventguids = Array.from({ length: 12 }, sampleEvent);
    const racing = eventguids.map((eventguid) => subscribe(nodes.here, session, COOKIE, eventguid));
    const outcomes = await Promise.allSettled(racing);
    const taken = outcomes.filter(({ status }) => status === 'fulfilled').length;
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThanOrEqual(FITTING);
    for (let left = FITTING - taken; left > 0; left--) await subscribe(nodes.here, session);
    await expect(subscribe(nodes.here, session)).rejects.toMatchObject(REFUSED);
    await Promise.all(eventguids.map((one) => nodes.here.subscriptions.remove(one, session.subscriber)));
    for (let round = 0; round < taken; round++) await subscribe(nodes.here, session);
  });

  it('puts again what was there before the store was lost, even beyond the limit, and counts it', async () => {
    await open();
    const session = await takeSession(nodes.here);
    const eventguids = [...(await fill(session)), sampleEvent()];
    const stored = await Promise.all(
      eventguids.map((eventguid) => nodes.here.subscriptions.find(eventguid, session.subscriber)),
    );
    const more: StoredSubscription = { ...stored[0]!, eventguid: eventguids.at(-1)! };
    await nodes.shared.restart({ keep: false });
    const { generation } = session;
    expect(await nodes.here.sessions.restore(session, generation, new Map())).toBe(true);
    await nodes.here.subscriptions.restore([...stored.slice(0, FITTING).map((one) => one!), more]);
    for (const eventguid of eventguids) expect(await cookieOf(session, eventguid)).toBe(COOKIE);
    await expect(subscribe(nodes.there, session)).rejects.toMatchObject(REFUSED);
    await nodes.here.subscriptions.remove(eventguids[0]!, session.subscriber);
    await expect(subscribe(nodes.there, session)).rejects.toMatchObject(REFUSED);
    await nodes.here.subscriptions.remove(eventguids[1]!, session.subscriber);
    await subscribe(nodes.there, session);
  });
}
