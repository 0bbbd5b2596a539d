import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parseEventGuid, type EventGuid, type Trigger } from '@ringback/contract';
import type { Log, LogFields, RelayListener, Relayed } from '@ringback/core';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { startOwnRedis, type RestartableRedis } from '../../../test/support/redis-servers.js';
import { waitUntil } from '../../../test/support/wait-until.js';
import {
  connectRedis,
  RedisLeaseStore,
  RedisRelay,
  RedisSubscriptionStore,
  type RedisConnections,
} from './index.js';

jest.setTimeout(60_000);

const fresh = (): EventGuid => parseEventGuid(randomUUID());
const trigger = (eventguid: EventGuid, more: Partial<Trigger> = {}): Trigger => ({
  eventguid,
  data: 'data',
  removeAfterSend: false,
  ...more,
});

/** Keeps the log lines of one level. */
class RecordingLog implements Log {
  readonly lines: string[] = [];
  readonly debug = () => {};
  readonly info = () => {};
  readonly warn = (message: string, _fields?: LogFields) => this.lines.push(message);
  readonly error = (message: string, _fields?: LogFields) => this.lines.push(message);
}

/** Keeps what a node hears. */
class Ear implements RelayListener {
  readonly data: unknown[] = [];
  onEnvelope({ envelope }: Relayed): void {
    this.data.push(envelope.data);
    if (envelope.data === 'bad luck') throw new Error('A fault of the listener.');
  }
  onRemoved(): void {}
  onPresence(): void {}
  onDoubt(): void {}
  onFailover(): void {}
}

describe('the adapters on a Redis that fails', () => {
  let server: RestartableRedis;
  let admin: Redis;
  let redis: RedisConnections;
  let log: RecordingLog;
  let relay: RedisRelay;
  let ear: Ear;

  const pingable = async (connection: { ping(): Promise<string> }): Promise<boolean> => {
    try {
      return (await connection.ping()) === 'PONG';
    } catch {
      return false;
    }
  };
  const back = async (): Promise<boolean> => (await pingable(redis.commands)) && pingable(redis.subscriber);

  beforeAll(async () => {
    server = await startOwnRedis();
    admin = new Redis(server.url);
    admin.on('error', () => {});
  });

  afterAll(async () => {
    admin.disconnect();
    await server.close();
  });

  beforeEach(async () => {
    log = new RecordingLog();
    redis = await connectRedis({ url: server.url, prefix: `test-${randomUUID()}`, log });
    relay = new RedisRelay(redis);
    ear = new Ear();
    relay.listen(ear);
  });

  afterEach(async () => {
    await redis.close();
  });

  it('does not start on a database that there is not, rather than on the first one', async () => {
    await expect(connectRedis({ url: `${server.url}/99`, log })).rejects.toMatchObject({
      message: 'Redis has no database 99.',
    });
    const other = await connectRedis({ url: `${server.url}/3`, log });
    expect(await other.commands.call('CLIENT', 'INFO')).toContain(' db=3 ');
    await other.close();
  });

  it('gives its scripts again to a server that has lost them', async () => {
    const eventguid = fresh();
    await relay.publish(trigger(eventguid));
    await admin.script('FLUSH');
    expect((await relay.publish(trigger(eventguid))).position.offset).toBe(2);
    expect((await relay.publish(trigger(eventguid))).position.offset).toBe(3);
  });

  it('follows again after its connection was cut', async () => {
    const eventguid = fresh();
    await relay.follow(eventguid);
    await admin.call('client', 'kill', 'type', 'pubsub');
    const heard = async () => {
      await relay.publish(trigger(eventguid, { data: 'heard' }));
      return ear.data.length > 0;
    };
    await waitUntil(heard, 'an envelope');
    await relay.unfollow(eventguid);
    expect((await relay.publish(trigger(eventguid))).nodes).toBe(0);
  });

  it('rejects with relay-unavailable while there is no connection, a trigger at once, and serves again afterwards', async () => {
    const eventguid = fresh();
    await relay.publish(trigger(eventguid));
    await server.kill();
    await waitUntil(async () => !(await pingable(redis.commands)), 'the loss of the connection');
    const store = new RedisSubscriptionStore(redis);
    const lease = { nodeId: 'node', generation: 'g' };
    const subscription = { eventguid, subscriber: 'c:1', subscriptionId: 's', cookie: '', lease };
    const start = performance.now();
    await expect(relay.publish(trigger(eventguid))).rejects.toMatchObject({ code: 'relay-unavailable' });
    expect(performance.now() - start).toBeLessThan(500);
    const attempts = [
      () => relay.follow(eventguid),
      () => relay.since(eventguid, { epoch: 'e', offset: 0 }),
      () => store.put(subscription),
      () => new RedisLeaseStore(redis).sweep(),
    ];
    const refused = attempts.map((attempt) =>
      expect(attempt()).rejects.toMatchObject({ code: 'relay-unavailable', temporary: true }),
    );
    await Promise.all(refused);
    expect(performance.now() - start).toBeLessThan(2_000 + 1_000);
    await waitUntil(async () => log.lines.includes('redis connection failed'), 'the log line');
    await server.restart();
    await waitUntil(back, 'the connections');
    expect((await relay.publish(trigger(eventguid))).position.offset).toBe(2);
  });

  it('rejects with relay-unavailable within two seconds and a little when no answer comes', async () => {
    const eventguid = fresh();
    await relay.publish(trigger(eventguid));
    await admin.client('PAUSE', 5_000, 'ALL');
    const start = performance.now();
    await expect(relay.publish(trigger(eventguid))).rejects.toMatchObject({ code: 'relay-unavailable' });
    await expect(relay.follow(fresh())).rejects.toMatchObject({ code: 'relay-unavailable' });
    expect(performance.now() - start).toBeLessThan(2 * 2_000 + 2_500);
    await admin.client('UNPAUSE');
  });

  it('drops and logs a message that it cannot read, and goes on', async () => {
    const eventguid = fresh();
    await relay.follow(eventguid);
    await admin.spublish(redis.keys.channel(eventguid), 'garbage');
    await relay.publish(trigger(eventguid, { data: 'good' }));
    await waitUntil(async () => ear.data.length > 0, 'the envelope');
    expect(ear.data).toEqual(['good']);
    expect(log.lines).toContain('redis entry unreadable');
  });

  it('survives a listener that throws', async () => {
    const eventguid = fresh();
    await relay.follow(eventguid);
    await relay.publish(trigger(eventguid, { data: 'bad luck' }));
    await relay.publish(trigger(eventguid, { data: 'next' }));
    await waitUntil(async () => ear.data.length === 2, 'both envelopes');
    expect(log.lines).toContain('relay listener failed');
  });

  it('answers lost where a kept envelope cannot be read', async () => {
    const eventguid = fresh();
    const { position } = await relay.publish(trigger(eventguid));
    await relay.publish(trigger(eventguid));
    await admin.lset(redis.keys.log(eventguid), 1, 'garbage');
    expect(await relay.since(eventguid, position)).toBe('lost');
  });

  it('lets meta age once nobody is subscribed, and not before', async () => {
    const eventguid = fresh();
    const store = new RedisSubscriptionStore(redis);
    const lease = { nodeId: 'node', generation: 'g' };
    await store.put({ eventguid, subscriber: 'c:1', subscriptionId: 's', cookie: '', lease });
    await relay.publish(trigger(eventguid));
    expect(await admin.pttl(redis.keys.meta(eventguid))).toBe(-1);
    await store.remove(eventguid, 'c:1');
    expect(await admin.pttl(redis.keys.meta(eventguid))).toBeGreaterThan(23 * 3_600_000);
    expect(await admin.exists(redis.keys.session('c:1'))).toBe(0);
  });

  it('still finds what a subscriber holds that subscribes again while it is forgotten', async () => {
    const eventguid = fresh();
    const store = new RedisSubscriptionStore(redis);
    const lease = { nodeId: 'node', generation: randomUUID() };
    const subscription = {
      eventguid,
      subscriber: `c:${randomUUID()}`,
      subscriptionId: 's',
      cookie: '',
      lease,
    };
    await Promise.all([
      store.put(subscription),
      store.forget(eventguid, subscription.subscriber),
      store.forget(eventguid, subscription.subscriber),
    ]);
    await store.forget(eventguid, subscription.subscriber);
    await store.removeSubscriber(subscription.subscriber, lease, []);
    expect(await store.find(eventguid, subscription.subscriber)).toBeUndefined();
    expect(await admin.exists(redis.keys.leaseSessions(`node.${lease.generation}`))).toBe(0);
  });

  it('refuses to start on a Redis that may evict', async () => {
    await admin.config('SET', 'maxmemory', '100mb');
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    try {
      await expect(connectRedis({ url: server.url, log })).rejects.toMatchObject({ code: 'internal' });
    } finally {
      await admin.config('SET', 'maxmemory', '0');
      await admin.config('SET', 'maxmemory-policy', 'noeviction');
    }
  });

  it('starts with a warning where Redis does not tell its policy', async () => {
    await admin.acl('SETUSER', 'poor', 'on', '>secret', '~*', '&*', '+@all', '-config');
    const url = server.url.replace('redis://', 'redis://poor:secret@');
    const own = await connectRedis({ url, log });
    await own.close();
    expect(log.lines).toContain('redis does not tell its memory policy; it has to be noeviction');
  });

  it('rejects with relay-unavailable where no Redis is', async () => {
    await expect(connectRedis({ url: 'redis://127.0.0.1:1', log })).rejects.toMatchObject({
      code: 'relay-unavailable',
    });
  });
});
