import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parseEventGuid, type EventGuid } from '@ringback/contract';
import { RecordingLog } from '@ringback/memory';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { startOwnRedis, type RestartableRedis } from '../../../test/support/redis-servers.js';
import { waitUntil } from '../../../test/support/wait-until.js';
import {
  connectRedis,
  RedisLeaseStore,
  RedisSessionStore,
  RedisSubscriptionStore,
  type RedisConnections,
} from './index.js';
import { subscriptionBytes } from './subscription-bytes.js';

jest.setTimeout(60_000);

const SUBSCRIBER = 'n:shop/1';
const OTHER = 'n:shop/2';
const LEASE = { nodeId: 'node', generation: 'g' };
const LEASE_NAME = 'node.g';
const COOKIE = 'c'.repeat(1_000);
const REFUSED = { code: 'durable-bytes-limit' };

const fresh = (): EventGuid => parseEventGuid(randomUUID());
const BYTES = subscriptionBytes(SUBSCRIBER, fresh(), COOKIE);

describe('DurableBytes', () => {
  let server: RestartableRedis;
  let admin: Redis;
  let redis: RedisConnections;
  let log: RecordingLog;
  let sessions: RedisSessionStore;
  let store: RedisSubscriptionStore;

  beforeAll(async () => {
    server = await startOwnRedis();
    admin = new Redis(server.url);
  });

  afterAll(async () => {
    admin.disconnect();
    await server.close();
  });

  beforeEach(async () => {
    log = new RecordingLog();
    redis = await connectRedis({ url: server.url, prefix: `test-${randomUUID()}`, log });
    sessions = new RedisSessionStore(redis, { sessionTtlMs: 1 });
    // Room for two.
    store = new RedisSubscriptionStore(redis, { durableBytesPerIdentity: 2.5 * BYTES });
  });

  afterEach(async () => {
    await redis.close();
  });

  const take = (subscriber = SUBSCRIBER) =>
    sessions.take({ subscriber, connectionId: randomUUID(), lease: LEASE });

  const subscribe = async (subscriber = SUBSCRIBER, cookie = COOKIE, eventguid = fresh()) => {
    await store.put({ eventguid, subscriber, subscriptionId: randomUUID(), cookie, lease: LEASE });
    return eventguid;
  };

  const identity = () => redis.keys.identity('shop');
  const sum = async () => Number(await admin.hget(identity(), '{sum}'));

  /** What a version writes that knows no bytes. */
  async function subscribeAsBefore(eventguid: EventGuid): Promise<void> {
    await admin.hset(redis.keys.session(SUBSCRIBER), `e:${eventguid}`, LEASE_NAME);
    const value = `1\te:0\tnode\tg\tid\t1\t\t${COOKIE}`;
    await admin.hset(redis.keys.named(eventguid), SUBSCRIBER, value);
  }

  it('counts names and cookie of each subscription, and nothing once all is gone', async () => {
    const { generation } = await take();
    const [first, second] = [await subscribe(), await subscribe()];
    expect(await sum()).toBe(2 * BYTES);
    expect(redis.durable.fullest).toBe(2 * BYTES);
    await store.remove(first, SUBSCRIBER);
    await subscribe(SUBSCRIBER, 'ü', second);
    expect(await sum()).toBe(BYTES - COOKIE.length + 2);
    await store.remove(second, SUBSCRIBER);
    await sessions.leave({ subscriber: SUBSCRIBER, generation });
    expect(redis.durable.fullest).toBe(0);
    expect(await admin.exists(identity(), redis.keys.session(SUBSCRIBER))).toBe(0);
  });

  it('counts no less than Redis needs', async () => {
    const memory = async (key: string) => Number(await admin.call('MEMORY', 'USAGE', key, 'SAMPLES', '0'));
    await take();
    const roomy = new RedisSubscriptionStore(redis);
    const eventguid = fresh();
    const subscribers = Array.from({ length: 200 }, () => `n:shop/${randomUUID()}`);
    const put = (subscriber: string, of: EventGuid, cookie: string) =>
      roomy.put({ eventguid: of, subscriber, subscriptionId: randomUUID(), cookie, lease: LEASE });
    await Promise.all(subscribers.map((subscriber) => put(subscriber, eventguid, COOKIE)));
    const atEvent = (await memory(redis.keys.named(eventguid))) / subscribers.length;
    await Promise.all(subscribers.map(() => put(SUBSCRIBER, fresh(), '')));
    const inSession = (await memory(redis.keys.session(SUBSCRIBER))) / 200;
    const counted = subscriptionBytes(subscribers[0] ?? '', eventguid, COOKIE);
    expect(atEvent + inSession).toBeLessThan(counted);
    expect(atEvent + inSession).toBeGreaterThan(0.75 * counted);
  });

  it('goes on with sessions of a version that knew no bytes, and counts them by their names', async () => {
    const eventguids = [fresh(), fresh(), fresh()];
    for (const eventguid of eventguids) await subscribeAsBefore(eventguid);
    const { events } = await take();
    expect(events).toHaveLength(3);
    expect(await sum()).toBe(3 * (BYTES - COOKIE.length));
    const [first = fresh(), second = fresh(), third = fresh()] = eventguids;
    await subscribe(SUBSCRIBER, COOKIE, first);
    await store.remove(second, SUBSCRIBER);
    expect(await sum()).toBe(BYTES + (BYTES - COOKIE.length));
    await store.remove(first, SUBSCRIBER);
    await store.remove(third, SUBSCRIBER);
    expect(await admin.exists(identity())).toBe(0);
  });

  it('finds out with the next taking what a version that knows no bytes has changed', async () => {
    await take();
    const gone = await subscribe();
    await subscribe();
    await subscribeAsBefore(fresh());
    await admin.hdel(redis.keys.session(SUBSCRIBER), `e:${gone}`, `a:${gone}`);
    await admin.hdel(redis.keys.named(gone), SUBSCRIBER);
    await take();
    expect(await sum()).toBe(BYTES + (BYTES - COOKIE.length));
    expect(await admin.hexists(redis.keys.session(SUBSCRIBER), `b:${gone}`)).toBe(0);
  });

  it('counts an identity that is full anew, as a node may have died before it gave bytes back', async () => {
    await take();
    await subscribe();
    await take(OTHER);
    await subscribe(OTHER);
    await admin.del(redis.keys.session(OTHER));
    await expect(subscribe()).rejects.toMatchObject(REFUSED);
    await waitUntil(async () => (await sum()) === BYTES, 'the new count');
    await subscribe();
    await expect(subscribe()).rejects.toMatchObject(REFUSED);
    expect(log.at('warn')).toEqual([]);
  });

  it('lets what comes late change nothing', async () => {
    await take();
    await subscribe();
    await redis.durable.note(SUBSCRIBER, { bytes: 1, version: '1' });
    expect(await sum()).toBe(BYTES);
  });

  it('leaves no trace of what it has refused', async () => {
    await take();
    await subscribe();
    await subscribe();
    const before = await admin.hgetall(redis.keys.session(SUBSCRIBER));
    const refused = fresh();
    await expect(subscribe(SUBSCRIBER, COOKIE, refused)).rejects.toMatchObject(REFUSED);
    expect(await admin.hgetall(redis.keys.session(SUBSCRIBER))).toEqual({ ...before, v: expect.anything() });
    expect(await admin.exists(redis.keys.named(refused))).toBe(0);
    expect(await sum()).toBe(2 * BYTES);
  });

  it('counts on when the node of a session has died', async () => {
    await take();
    await subscribe();
    await subscribe();
    await admin.zadd(redis.keys.nodes, 0, LEASE_NAME);
    await new RedisLeaseStore(redis).sweep();
    expect(await admin.hexists(redis.keys.session(SUBSCRIBER), 'x')).toBe(1);
    await expect(subscribe(OTHER)).rejects.toMatchObject(REFUSED);
  });

  it('forgets a session that holds nothing, and one that nobody came back to', async () => {
    const { generation } = await take();
    await subscribe();
    await sessions.leave({ subscriber: SUBSCRIBER, generation });
    expect(await sum()).toBe(BYTES);
    await waitUntil(async () => (await sessions.expire()) === 1, 'the end of the session');
    expect(await admin.keys(`${redis.keys.prefix}:identity:*`)).toEqual([]);
    expect(await admin.keys(`${redis.keys.prefix}:session:*`)).toEqual([]);
  });

  it('begins anew where something of another type stands', async () => {
    await admin.set(identity(), 'garbage');
    await take();
    await subscribe();
    expect(await sum()).toBe(BYTES);
    expect(redis.unreadable.count).toBeGreaterThan(0);
  });

  it('tells identities apart, whatever they are called', async () => {
    for (const name of ['a', '{a}', 'a:b', '{sum}', '__proto__', 'ü', '']) {
      const subscriber = `n:${name}/{sum}`;
      await take(subscriber);
      const [event] = [await subscribe(subscriber), await subscribe(subscriber)];
      await expect(subscribe(subscriber, COOKIE + COOKIE)).rejects.toMatchObject(REFUSED);
      await store.remove(event, subscriber);
      await subscribe(subscriber);
    }
  });
});
