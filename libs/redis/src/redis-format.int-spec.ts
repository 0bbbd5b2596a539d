import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parseEventGuid } from '@ringback/contract';
import type { LeaseId, StoredSubscription } from '@ringback/core';
import { SilentLog } from '@ringback/memory';
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

const LEASE: LeaseId = { nodeId: 'node', generation: 'g' };
const eventguid = parseEventGuid('e');
const trigger = { eventguid, data: '', removeAfterSend: false };
const subscription: StoredSubscription = {
  eventguid,
  subscriber: 'c:1',
  subscriptionId: 's',
  cookie: 'c',
  lease: LEASE,
  since: { epoch: 'x', offset: 0 },
  madeAt: 1,
};
const figures = { connections: 0, subscriptions: 0, events: 0, outboxBytes: 0 };
const nodeLease = { ...LEASE, address: 'http://node', version: '0', startedAt: 1, figures };

describe('the format of a cluster in Redis', () => {
  let server: RestartableRedis;
  let admin: Redis;
  let prefix: string;
  const opened: RedisConnections[] = [];

  const connect = async (): Promise<RedisConnections> => {
    const redis = await connectRedis({ url: server.url, prefix, log: new SilentLog() });
    opened.push(redis);
    return redis;
  };
  const format = (): Promise<string | null> => admin.get(`${prefix}:format`);
  const otherFormat = (): object =>
    expect.objectContaining({
      code: 'internal',
      message: `Redis holds a cluster of format 2 under the prefix ${prefix}, and this version has format 1: start the version that the other nodes run, or choose another prefix.`,
    });

  beforeAll(async () => {
    server = await startOwnRedis();
    admin = new Redis(server.url);
    admin.on('error', () => {});
  });

  afterAll(async () => {
    admin.disconnect();
    await server.close();
  });

  beforeEach(() => {
    prefix = `test-${randomUUID()}`;
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((redis) => redis.close()));
  });

  it('is written by the first node and kept by the others, also if they start at once', async () => {
    await Promise.all([connect(), connect(), connect()]);
    expect(await format()).toBe('1');
    expect(await admin.ttl(`${prefix}:format`)).toBe(-1);
  });

  it('is 1 where nodes have stored before there was a number, and all they stored is kept', async () => {
    const before = await connect();
    await new RedisSubscriptionStore(before).put(subscription);
    const { position } = await new RedisRelay(before).publish(trigger);
    await admin.del(`${prefix}:format`);
    const redis = await connect();
    expect(await format()).toBe('1');
    expect(await new RedisSubscriptionStore(redis).find(eventguid, 'c:1')).toMatchObject({ cookie: 'c' });
    const { position: next } = await new RedisRelay(redis).publish(trigger);
    expect(next).toEqual({ ...position, offset: position.offset + 1 });
  });

  it('keeps a node of another one from starting, with both numbers and what to do', async () => {
    await admin.set(`${prefix}:format`, '2');
    await expect(connect()).rejects.toEqual(otherFormat());
    expect(await admin.keys(`${prefix}:*`)).toEqual([`${prefix}:format`]);
  });

  it('is written again by a node that finds Redis empty, before it puts anything there', async () => {
    const redis = await connect();
    const [leases, store] = [new RedisLeaseStore(redis), new RedisSubscriptionStore(redis)];
    await admin.flushall();
    await server.restart();
    await waitUntil(
      async () =>
        store.restore([subscription]).then(
          () => true,
          () => false,
        ),
      'the restore',
    );
    expect(await format()).toBe('1');
    await admin.flushall();
    await leases.take(nodeLease);
    expect(await format()).toBe('1');
  });

  it('keeps a running node from writing where another one came first after Redis was emptied', async () => {
    const redis = await connect();
    const [relay, leases, store] = [
      new RedisRelay(redis),
      new RedisLeaseStore(redis),
      new RedisSubscriptionStore(redis),
    ];
    await waitUntil(async () => relay.healthy, 'the links');
    await admin.flushall();
    await admin.set(`${prefix}:format`, '2');
    await expect(leases.take(nodeLease)).rejects.toEqual(otherFormat());
    await expect(store.restore([subscription])).rejects.toEqual(otherFormat());
    for (const attempt of [relay.publish(trigger), store.put(subscription)]) {
      await expect(attempt).rejects.toMatchObject({ code: 'relay-unavailable' });
    }
    expect(relay.healthy).toBe(false);
    expect(await admin.keys(`${prefix}:*`)).toEqual([`${prefix}:format`]);
    await admin.del(`${prefix}:format`);
    await leases.take(nodeLease);
    expect(relay.healthy).toBe(true);
  });
});
