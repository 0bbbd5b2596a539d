import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parseEventGuid, type EventGuid } from '@ringback/contract';
import { RecordingLog } from '@ringback/memory';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { startOwnRedis, type RestartableRedis } from '../../../test/support/redis-servers.js';
import { EntrySweep } from './entry-sweep.js';
import { connectRedis, RedisRelay, RedisSubscriptionStore, type RedisConnections } from './index.js';

jest.setTimeout(60_000);

const META_TTL_MS = 60_000;
const LEASE = { nodeId: 'node', generation: 'g' };

/** What none of the nodes can have written. */
const GARBAGE: readonly (readonly [field: Buffer, value: Buffer])[] = [
  [Buffer.from('c:text'), Buffer.from('secret')],
  [Buffer.from('c:empty'), Buffer.from('')],
  [Buffer.from([0xff, 0x00, 0xfe]), Buffer.from([0x80, 0xff])],
  [Buffer.from('c:no position'), Buffer.from('1\tno:place\t\t\t\t\t\t')],
  [Buffer.from('c:offset'), Buffer.from('1\te:9999999999999999\tn\tg\ti\t1\t\tsecret')],
  [Buffer.from('c:epoch'), Buffer.from(`1\t${'e'.repeat(33)}:1\tn\tg\ti\t1\t\tsecret`)],
];

describe('EntrySweep', () => {
  let server: RestartableRedis;
  let admin: Redis;
  let redis: RedisConnections;
  let log: RecordingLog;
  let relay: RedisRelay;
  let store: RedisSubscriptionStore;
  let eventguid: EventGuid;

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
    relay = new RedisRelay(redis);
    store = new RedisSubscriptionStore(redis);
    eventguid = parseEventGuid(randomUUID());
  });

  afterEach(async () => {
    await redis.close();
  });

  const subscribe = (subscriber: string) =>
    store.put({ eventguid, subscriber, subscriptionId: subscriber, cookie: 'cookie', lease: LEASE });

  const spoil = async (key: string): Promise<void> => {
    for (const [field, value] of GARBAGE) await admin.hset(key, field, value);
  };

  const counted = async (): Promise<number> =>
    (await relay.publish({ eventguid, data: '', removeAfterSend: false })).subscribers;

  const step = () => new EntrySweep(redis, META_TTL_MS).step();

  it('takes what is no subscription out of both hashes, so that triggers and summaries no longer count it', async () => {
    await subscribe('c:1');
    await subscribe('n:shop/1');
    await spoil(redis.keys.subs(eventguid));
    await spoil(redis.keys.named(eventguid));
    expect(await counted()).toBe(2 + 2 * GARBAGE.length);
    await step();
    expect(await counted()).toBe(2);
    expect(await store.event(eventguid)).toMatchObject({ subscribers: 2 });
    expect(redis.unreadable.count).toBe(2 * GARBAGE.length);
    const lines = log.at('error').filter(({ message }) => message === 'redis entry unreadable');
    expect(lines).toHaveLength(2 * GARBAGE.length);
    const [key, named] = [redis.keys.subs(eventguid), redis.keys.named(eventguid)];
    expect(new Set(lines.map(({ fields }) => fields['key']))).toEqual(new Set([key, named]));
    expect(lines[0]?.fields).toMatchObject({ cause: 'not a subscription', removed: true });
    expect(JSON.stringify(log.lines)).not.toContain('secret');
    await step();
    expect(redis.unreadable.count).toBe(2 * GARBAGE.length);
  });

  it('finds it among many subscriptions, and leaves those', async () => {
    await Promise.all(Array.from({ length: 300 }, (_, index) => subscribe(`c:${index}`)));
    await spoil(redis.keys.subs(eventguid));
    await step();
    expect(await counted()).toBe(300);
  });

  it('has operators remove what they come across', async () => {
    await subscribe('c:1');
    await spoil(redis.keys.subs(eventguid));
    const { items } = await store.subscriptions(eventguid, { limit: 100 });
    expect(items.map(({ subscriber }) => subscriber)).toEqual(['c:1']);
    expect(await counted()).toBe(1);
    await spoil(redis.keys.subs(eventguid));
    expect(await store.find(eventguid, 'c:text')).toBeUndefined();
    expect(await counted()).toBe(GARBAGE.length);
  });

  it('lets the meta age where nothing else stood', async () => {
    await subscribe('c:1');
    await spoil(redis.keys.subs(eventguid));
    await store.remove(eventguid, 'c:1');
    expect(await admin.pttl(redis.keys.meta(eventguid))).toBe(-1);
    await step();
    expect(await admin.exists(redis.keys.subs(eventguid))).toBe(0);
    expect(await admin.pttl(redis.keys.meta(eventguid))).toBeGreaterThan(0);
  });

  it('reports what a later version may have written, and leaves it', async () => {
    await subscribe('c:1');
    const later = '2\te:1\tnode\tg\tid\t1\t\tmore\tcookie';
    await admin.hset(redis.keys.subs(eventguid), 'c:later', later);
    await step();
    expect(await admin.hget(redis.keys.subs(eventguid), 'c:later')).toBe(later);
    expect(log.at('error')[0]?.fields).toMatchObject({ removed: false });
    expect(redis.unreadable.count).toBe(1);
  });

  it('removes nothing while the cluster has another format', async () => {
    await subscribe('c:1');
    await spoil(redis.keys.subs(eventguid));
    await admin.set(redis.keys.format, '2');
    await step();
    expect(await admin.hlen(redis.keys.subs(eventguid))).toBe(1 + GARBAGE.length);
    await admin.set(redis.keys.format, '1');
    await step();
    expect(await admin.hlen(redis.keys.subs(eventguid))).toBe(1);
  });

  it('is not stopped by an event that cannot be read', async () => {
    await subscribe('c:1');
    await admin.del(redis.keys.subs(eventguid));
    await admin.set(redis.keys.subs(eventguid), 'of another type');
    eventguid = parseEventGuid(randomUUID());
    await subscribe('c:1');
    await spoil(redis.keys.subs(eventguid));
    await step();
    expect(await counted()).toBe(1);
  });

  it('looks at no more than it may at a time, and goes on there', async () => {
    await Promise.all(
      Array.from({ length: 150 }, () => {
        eventguid = parseEventGuid(randomUUID());
        return subscribe('c:1');
      }),
    );
    const events = await store.events({ limit: 1_000 });
    for (const { eventguid: spoilt } of events.items) await admin.hset(redis.keys.subs(spoilt), 'x', 'x');
    const [sweep, hasty] = [new EntrySweep(redis, META_TTL_MS), new EntrySweep(redis, META_TTL_MS, 0)];
    await sweep.step();
    const first = redis.unreadable.count;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(150);
    await sweep.step();
    expect(redis.unreadable.count).toBe(first);
    for (let steps = 0; steps < 3; steps++) await hasty.step();
    expect(redis.unreadable.count).toBe(150);
  });
});
