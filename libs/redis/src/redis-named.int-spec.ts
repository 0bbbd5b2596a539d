import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parseEventGuid, type EventGuid } from '@ringback/contract';
import type { HeldSession, NewSubscription, SessionClaim } from '@ringback/core';
import { SilentLog } from '@ringback/memory';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { startOwnRedis, type RestartableRedis } from '../../../test/support/redis-servers.js';
import { waitUntil } from '../../../test/support/wait-until.js';
import { hashSlot } from './hash-slot.js';
import {
  connectRedis,
  RedisLeaseStore,
  RedisRelay,
  RedisSessionStore,
  RedisSubscriptionStore,
  type RedisConnections,
} from './index.js';
import { SCRIPTS } from './scripts.js';

jest.setTimeout(60_000);

const MOST_CUTS = 1_000;
const HOUR_MS = 3_600_000;

const fresh = (): EventGuid => parseEventGuid(randomUUID());

type Session = SessionClaim & HeldSession;

describe('named subscribers on Redis', () => {
  let server: RestartableRedis;
  let admin: Redis;
  let redis: RedisConnections;
  let relay: RedisRelay;
  let subscriptions: RedisSubscriptionStore;
  let sessions: RedisSessionStore;

  const open = (options: { readonly sessionTtlMs?: number } = {}): void => {
    relay = new RedisRelay(redis, options);
    subscriptions = new RedisSubscriptionStore(redis, options);
    sessions = new RedisSessionStore(redis, options);
  };

  const take = async (more: Partial<SessionClaim> = {}): Promise<Session> => {
    const lease = { nodeId: `node-${randomUUID()}`, generation: 'g' };
    const claim = { subscriber: `n:shop/${randomUUID()}`, connectionId: randomUUID(), lease, ...more };
    return { ...claim, generation: (await sessions.take(claim)).generation };
  };

  const subscriptionOf = ({ subscriber, lease }: SessionClaim, eventguid: EventGuid): NewSubscription => ({
    eventguid,
    subscriber,
    subscriptionId: randomUUID(),
    cookie: 'cookie',
    lease,
  });

  const subscribed = async (eventguid: EventGuid, more: Partial<SessionClaim> = {}): Promise<Session> => {
    const session = await take(more);
    await subscriptions.put(subscriptionOf(session, eventguid));
    return session;
  };

  const trigger = (eventguid: EventGuid, removeAfterSend = false) =>
    relay.publish({ eventguid, data: 'data', removeAfterSend });

  /** Away since long ago, so that its time is over. */
  const overdue = async (eventguid: EventGuid): Promise<Session> => {
    const session = await subscribed(eventguid);
    await sessions.leave(session);
    const ended = Date.now() - 1;
    await admin.hset(redis.keys.session(session.subscriber), 'x', ended);
    await admin.zadd(redis.keys.away, ended, session.subscriber);
    return session;
  };

  /** The connections of a node whose calls of one script go through something else. */
  const connectionsWith = (sha: string, instead: (run: () => unknown) => unknown): RedisConnections => {
    const commands = new Proxy(redis.commands, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          const run = (): unknown => Reflect.apply(value, target, args);
          const isMeant = name === 'callBuffer' && Array.isArray(args[1]) && args[1][0] === sha;
          return isMeant ? instead(run) : run();
        };
      },
    });
    return { ...redis, commands };
  };

  /** A node that dies when it calls the script. */
  const dying = (sha: string): RedisConnections =>
    connectionsWith(sha, () => Promise.reject(new Error('The node has died.')));

  /** A node that stops before it calls the script, and goes on when it is told to. */
  const slow = (sha: string) => {
    let goOn: () => void = () => {};
    const pause = new Promise<void>((resolve) => (goOn = resolve));
    let arrived = false;
    const connections = connectionsWith(sha, async (run) => {
      arrived = true;
      await pause;
      return run();
    });
    return { connections, goOn, stops: () => waitUntil(async () => arrived, 'the slow node') };
  };

  beforeAll(async () => {
    server = await startOwnRedis();
    admin = new Redis(server.url);
  });

  afterAll(async () => {
    admin.disconnect();
    await server.close();
  });

  beforeEach(async () => {
    redis = await connectRedis({ url: server.url, prefix: `test-${randomUUID()}`, log: new SilentLog() });
    open();
  });

  afterEach(async () => {
    await redis.close();
  });

  describe('cuts', () => {
    const cutKey = (eventguid: EventGuid, offset: number) => `${redis.keys.cuts(eventguid)}:${offset}`;
    const cuts = (eventguid: EventGuid) => admin.hget(redis.keys.meta(eventguid), 'cuts');

    it('move what is named to a key of their own, with the envelope, for the time to live of a session', async () => {
      open({ sessionTtlMs: HOUR_MS });
      const eventguid = fresh();
      const { subscriber } = await subscribed(eventguid);
      await trigger(eventguid, true);
      expect((await admin.hkeys(cutKey(eventguid, 1))).sort()).toEqual(['envelope', subscriber].sort());
      const ttlMs = await admin.pttl(cutKey(eventguid, 1));
      expect(ttlMs).toBeGreaterThan(HOUR_MS - 60_000);
      expect(ttlMs).toBeLessThanOrEqual(HOUR_MS);
      expect(await admin.exists(redis.keys.named(eventguid))).toBe(0);
      expect(await cuts(eventguid)).toBe('1,');
    });

    it('are set aside once where the answer to the subscribe was lost before', async () => {
      const eventguid = fresh();
      const session = await take();
      let attempts = 0;
      const losesAnswers = connectionsWith(SCRIPTS.subscribe.sha, async (run) => {
        attempts++;
        await run();
        await trigger(eventguid, true);
        throw new Error('Connection is closed.');
      });
      const node = new RedisSubscriptionStore(losesAnswers);
      await expect(node.put(subscriptionOf(session, eventguid))).rejects.toMatchObject({
        code: 'relay-unavailable',
      });
      expect(attempts).toBe(1);
      const { subscriptions: held } = await subscriptions.resume(
        eventguid,
        session.subscriber,
        session.lease,
        undefined,
      );
      expect(held).toHaveLength(1);
    });

    it('make no key where nobody named is subscribed', async () => {
      const eventguid = fresh();
      await trigger(eventguid, true);
      expect(await admin.exists(cutKey(eventguid, 1))).toBe(0);
      expect(await cuts(eventguid)).toBeNull();
    });

    it('are forgotten by the next trigger once they have run out', async () => {
      open({ sessionTtlMs: 50 });
      const eventguid = fresh();
      await subscribed(eventguid);
      await trigger(eventguid, true);
      await waitUntil(async () => (await admin.exists(cutKey(eventguid, 1))) === 0, 'the end of the cut');
      await trigger(eventguid);
      expect(await cuts(eventguid)).toBe('');
    });

    it('are dropped with the last subscriber who settles', async () => {
      const eventguid = fresh();
      const [one, two] = [await subscribed(eventguid), await subscribed(eventguid)];
      const { position } = await trigger(eventguid, true);
      await subscriptions.settle(eventguid, one.subscriber, position);
      expect(await admin.exists(cutKey(eventguid, 1))).toBe(1);
      await subscriptions.settle(eventguid, two.subscriber, position);
      expect(await admin.exists(cutKey(eventguid, 1))).toBe(0);
      expect(await cuts(eventguid)).toBe('');
    });

    it('are bounded: the oldest gives way', async () => {
      const eventguid = fresh();
      const session = await take();
      for (let offset = 1; offset <= MOST_CUTS + 2; offset++) {
        await subscriptions.put(subscriptionOf(session, eventguid));
        await trigger(eventguid, true);
      }
      expect((await cuts(eventguid))?.split(',').slice(0, -1)).toHaveLength(MOST_CUTS);
      expect(await admin.exists(cutKey(eventguid, 1), cutKey(eventguid, 2))).toBe(0);
      expect(await admin.exists(cutKey(eventguid, 3), cutKey(eventguid, MOST_CUTS + 2))).toBe(2);
      const resumed = await subscriptions.resume(eventguid, session.subscriber, session.lease, undefined);
      expect(resumed.subscriptions).toHaveLength(MOST_CUTS);
    });

    it('whose envelope cannot be read are not taken for a subscription that stands', async () => {
      const eventguid = fresh();
      const session = await subscribed(eventguid);
      await trigger(eventguid, true);
      await admin.hset(cutKey(eventguid, 1), 'envelope', 'garbage');
      const resumed = await subscriptions.resume(eventguid, session.subscriber, session.lease, undefined);
      expect(resumed.subscriptions).toEqual([]);
    });
  });

  it('keeps a history that is there already for as long as the new subscriber may be away', async () => {
    const eventguid = fresh();
    await trigger(eventguid);
    expect(await admin.pttl(redis.keys.log(eventguid))).toBeLessThan(HOUR_MS);
    const session = await subscribed(eventguid);
    expect(await admin.pttl(redis.keys.log(eventguid))).toBeGreaterThan(23 * HOUR_MS);
    expect(await admin.pttl(redis.keys.meta(eventguid))).toBe(-1);
    await subscriptions.remove(eventguid, session.subscriber);
    expect(await admin.pttl(redis.keys.meta(eventguid))).toBeGreaterThan(23 * HOUR_MS);
    expect(await admin.exists(redis.keys.session(session.subscriber))).toBe(1);
    await sessions.leave(session);
    expect(await admin.exists(redis.keys.session(session.subscriber))).toBe(0);
  });

  it('keeps every key of an event in one slot', async () => {
    const eventguid = parseEventGuid(`{a}%${randomUUID()}`);
    const session = await subscribed(eventguid);
    const present = { ...subscriptionOf(session, eventguid), subscriber: 'c:1', presence: true as const };
    await trigger(eventguid, true);
    await subscriptions.put(subscriptionOf(session, eventguid));
    await subscriptions.put(present);
    const channel = redis.keys.channel(eventguid);
    const names = (await admin.keys('*')).filter((name) => name.startsWith(channel));
    expect(names.map((name) => name.slice(channel.length)).sort()).toEqual(
      [':cut:1', ':log', ':meta', ':named', ':present', ':subs'].sort(),
    );
    for (const name of names) expect(hashSlot(name)).toBe(hashSlot(channel));
  });

  it('gives its scripts again to a server that has lost them', async () => {
    const eventguid = fresh();
    await admin.script('FLUSH');
    const session = await subscribed(eventguid);
    await admin.script('FLUSH');
    const { position } = await trigger(eventguid, true);
    await sessions.acknowledge(session, new Map([[eventguid, position]]));
    const { subscriber, lease } = session;
    await admin.script('FLUSH');
    const resumed = await subscriptions.resume(eventguid, subscriber, lease, undefined);
    expect(resumed.subscriptions).toHaveLength(1);
    await admin.script('FLUSH');
    await subscriptions.settle(eventguid, subscriber, position);
    expect(await sessions.find(subscriber)).toMatchObject({ events: [] });
    await admin.script('FLUSH');
    await sessions.leave(session);
    expect(await sessions.find(subscriber)).toBeUndefined();
  });

  it('still finds what a session holds that is put on one node while another takes it off', async () => {
    const eventguid = fresh();
    const session = await take();
    const { connections, goOn, stops } = slow(SCRIPTS.subscribe.sha);
    const putting = new RedisSubscriptionStore(connections).put(subscriptionOf(session, eventguid));
    await stops();
    await subscriptions.forget(eventguid, session.subscriber);
    goOn();
    await putting;
    expect(await sessions.find(session.subscriber)).toMatchObject({ events: [{ eventguid }] });
  });

  describe('expiring', () => {
    it('goes on where a sweeper has died half way, and lets nobody take the session in between', async () => {
      const [one, two] = [fresh(), fresh()];
      const session = await overdue(one);
      await subscriptions.put(subscriptionOf(session, two));
      const sweeper = new RedisSessionStore(dying(SCRIPTS.forget.sha));
      await expect(sweeper.expire()).rejects.toMatchObject({ code: 'relay-unavailable' });
      await expect(sessions.take(session)).rejects.toMatchObject({
        code: 'relay-unavailable',
        temporary: true,
      });
      expect(await sessions.acknowledge(session, new Map())).toBe(false);
      expect(await sessions.find(session.subscriber)).toBeUndefined();
      expect(await sessions.expire()).toBe(1);
      for (const eventguid of [one, two]) {
        expect(await subscriptions.event(eventguid)).toMatchObject({ subscribers: 0 });
      }
      expect(await sessions.take(session)).toMatchObject({ events: [] });
      expect(await admin.zcard(redis.keys.away)).toBe(0);
    });

    it('ends nothing of a session that was made anew while the sweeper was slow', async () => {
      const eventguid = fresh();
      const session = await overdue(eventguid);
      const { connections, goOn, stops } = slow(SCRIPTS.unsubscribe.sha);
      const expiring = new RedisSessionStore(connections).expire();
      await stops();
      expect(await sessions.expire()).toBe(1);
      const again = await subscribed(eventguid, { ...session, lease: { nodeId: 'other', generation: 'g' } });
      goOn();
      expect(await expiring).toBe(0);
      expect(await subscriptions.find(eventguid, session.subscriber)).toBeDefined();
      expect(await sessions.held([again])).toEqual([true]);
      expect(await sessions.find(session.subscriber)).toMatchObject({ events: [{ eventguid }] });
    });

    it('takes stale entries off the list, and puts those right that are too early', async () => {
      const held = await subscribed(fresh());
      const away = await subscribed(fresh());
      await sessions.leave(away);
      const { expiresAt } = (await sessions.find(away.subscriber)) ?? {};
      for (const subscriber of ['n:shop/nobody', held.subscriber, away.subscriber]) {
        await admin.zadd(redis.keys.away, 1, subscriber);
      }
      expect((await sessions.away({ limit: 10 })).items).toHaveLength(1);
      expect(await sessions.expire()).toBe(0);
      expect(await admin.zrange(redis.keys.away, '0', '-1', 'WITHSCORES')).toEqual([
        away.subscriber,
        String(expiresAt),
      ]);
      expect(await sessions.held([held])).toEqual([true]);
    });

    it('ends many sessions, with many events', async () => {
      open({ sessionTtlMs: 1 });
      const many = await take();
      for (let index = 0; index < 250; index++) await subscriptions.put(subscriptionOf(many, fresh()));
      await sessions.leave(many);
      const one = fresh();
      for (let index = 0; index < 120; index++) await sessions.leave(await subscribed(one));
      let ended = 0;
      await waitUntil(async () => (ended += await sessions.expire()) === 121, 'the end of all sessions');
      expect(await subscriptions.event(one)).toMatchObject({ subscribers: 0 });
      expect(await admin.zcard(redis.keys.away)).toBe(0);
      expect(await admin.keys(`${redis.keys.session('n:')}*`)).toEqual([]);
    });
  });

  describe('the list of those away', () => {
    it('has the right time although an entry of before was left behind', async () => {
      const session = await subscribed(fresh());
      await admin.zadd(redis.keys.away, 1, session.subscriber);
      await sessions.leave(session);
      const found = await sessions.find(session.subscriber);
      expect(Number(await admin.zscore(redis.keys.away, session.subscriber))).toBe(found?.expiresAt);
    });

    it('keeps its entry where an older generation leaves', async () => {
      const old = await subscribed(fresh());
      const present = await take({ subscriber: old.subscriber });
      await sessions.leave(old);
      expect(await admin.zcard(redis.keys.away)).toBe(0);
      await sessions.leave(present);
      const before = await admin.zscore(redis.keys.away, old.subscriber);
      await sessions.leave(old);
      expect(await admin.zscore(redis.keys.away, old.subscriber)).toBe(before);
    });

    it('keeps its entry where a node dies that leaves for an older generation', async () => {
      const session = await subscribed(fresh());
      await sessions.leave(session);
      const before = await admin.zscore(redis.keys.away, session.subscriber);
      const node = new RedisSessionStore(dying(SCRIPTS.leaveSession.sha), { sessionTtlMs: HOUR_MS });
      await expect(node.leave(session)).rejects.toMatchObject({ code: 'relay-unavailable' });
      expect(await admin.zscore(redis.keys.away, session.subscriber)).toBe(before);
    });

    it('keeps the entry of a session that is away again before who took it has taken the old one off', async () => {
      const session = await subscribed(fresh());
      await sessions.leave(session);
      const { connections, goOn, stops } = slow(SCRIPTS.unlistAway.sha);
      const taking = new RedisSessionStore(connections).take(session);
      await stops();
      open({ sessionTtlMs: HOUR_MS });
      await sessions.leave(await take({ subscriber: session.subscriber }));
      goOn();
      await taking;
      const { expiresAt } = (await sessions.find(session.subscriber)) ?? {};
      expect(Number(await admin.zscore(redis.keys.away, session.subscriber))).toBe(expiresAt);
    });

    it('is put right by the sweep of a node that died between leaving and listing', async () => {
      const lease = { nodeId: `node-${randomUUID()}`, generation: 'g' };
      const leases = new RedisLeaseStore(redis, { leaseMs: 50 });
      const figures = { connections: 0, subscriptions: 0, events: 0, outboxBytes: 0 };
      await leases.take({ ...lease, address: 'http://10.0.0.1:1', version: '1', startedAt: 1, figures });
      const session = await subscribed(fresh(), { lease });
      await sessions.leave(session);
      await admin.zrem(redis.keys.away, session.subscriber);
      await admin.sadd(redis.keys.leaseSessions(`${lease.nodeId}.g`), session.subscriber);
      await waitUntil(async () => {
        await leases.sweep();
        return (await admin.zcard(redis.keys.away)) === 1;
      }, 'the entry');
      const { expiresAt } = (await sessions.find(session.subscriber)) ?? {};
      expect(Number(await admin.zscore(redis.keys.away, session.subscriber))).toBe(expiresAt);
    });
  });

  describe('the list of a lease', () => {
    const lease = { nodeId: 'node', generation: 'g' };
    const listed = (subscriber: string) => admin.sismember(redis.keys.leaseSessions('node.g'), subscriber);

    it('has a session as long as it is held there, however it comes and goes', async () => {
      const eventguid = fresh();
      let session = await subscribed(eventguid, { lease });
      const { subscriber } = session;
      for (let round = 0; round < 50; round++) {
        [, session] = await Promise.all([sessions.leave(session), take({ subscriber, lease })]);
        expect(await sessions.held([session])).toEqual([true]);
        expect(await listed(subscriber)).toBe(1);
      }
      await sessions.leave(session);
      expect(await listed(subscriber)).toBe(0);
    });

    it('has a session that is taken again while it was ended there', async () => {
      const { connections, goOn, stops } = slow(SCRIPTS.unlistAway.sha);
      const node = new RedisSessionStore(connections);
      const claim = { subscriber: `n:shop/${randomUUID()}`, connectionId: 'c', lease };
      const { generation } = await node.take(claim);
      const leaving = node.leave({ ...claim, generation });
      await stops();
      await node.take({ ...claim, connectionId: 'next' });
      goOn();
      await leaving;
      expect(await listed(claim.subscriber)).toBe(1);
    });

    it('has nobody whose session was refused', async () => {
      const full = new RedisSessionStore(redis, { sessionsAway: 0 });
      const claim = { subscriber: 'n:shop/new', connectionId: 'c', lease };
      await expect(full.take(claim)).rejects.toMatchObject({ code: 'offline-session-limit' });
      expect(await listed(claim.subscriber)).toBe(0);
    });

    it('leaves to the next sweep what was still held when the lease was given up', async () => {
      const leases = new RedisLeaseStore(redis);
      const figures = { connections: 0, subscriptions: 0, events: 0, outboxBytes: 0 };
      await leases.take({ ...lease, address: 'http://10.0.0.1:1', version: '1', startedAt: 1, figures });
      const session = await subscribed(fresh(), { lease });
      await leases.release(lease);
      expect(await leases.node(lease.nodeId)).toBeUndefined();
      expect(await leases.sweep()).toBe(0);
      expect(await sessions.held([session])).toEqual([false]);
      expect((await sessions.away({ limit: 10 })).items).toHaveLength(1);
      expect(await admin.exists(redis.keys.nodes)).toBe(0);
    });
  });
});
