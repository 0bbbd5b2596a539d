import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { Redis } from 'ioredis';
import { startHubNode } from '../scripts/hub-node.mjs';
import { freePort } from '../scripts/processes.mjs';
import { metric, storedSubscribers, subscriptions, trigger } from './support/http.js';
import { startOwnRedis, type RestartableRedis } from './support/redis-servers.js';
import { TestClient } from './support/test-client.js';

jest.setTimeout(120_000);

const PREFIX = 'garbage';
const ROUNDS = 4;

/** Numbers that are the same with each run of a seed (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const TEXTS = [
  '',
  'null',
  '[]',
  '{"a":1}',
  '{"kind":"note","subject":"connections:chat","from":"x","body":"{\\"id\\":-1}"}',
  '{"kind":"receipt","receiptId":"x","delivered":1e999}',
  '{"nodeId":"x","generation":"y","address":"ht!tp://[","version":1}',
  '{"nodeId":"x","generation":"y","address":"http://169.254.0.1:0","version":"v","startedAt":0,"figures":{}}',
  '1\tno:place\t\t\t\t\t\t',
  '-1e400',
  'x'.repeat(100_000),
];

/** Bytes that look like an envelope, and those that look like nothing. */
function makeGarbage(random: (below: number) => number): Buffer {
  const kind = random(3);
  if (kind === 0) return Buffer.from(TEXTS[random(TEXTS.length)] ?? '');
  const bytes = Buffer.from(Array.from({ length: random(200) }, () => random(256)));
  return kind === 1 ? bytes : Buffer.concat([Buffer.from([1 + random(2), random(7)]), bytes]);
}

/** Whoever has the run of a Redis and no idea of what stands there. */
class Vandal {
  private readonly random: (below: number) => number;

  constructor(
    private readonly redis: Redis,
    seed: number,
  ) {
    this.random = randomOf(seed);
  }

  async spoilChannels(): Promise<number> {
    const channels = (await this.redis.call('PUBSUB', 'SHARDCHANNELS', `${PREFIX}:*`)) as string[];
    for (const channel of channels.toSorted())
      for (let index = 0; index < 20; index++) await this.redis.spublish(channel, this.garbage());
    return channels.length;
  }

  /** Adds to what stands there, writes over it, or puts another type in its place. */
  async spoilKeys(): Promise<number> {
    const keys = (await this.redis.keys(`${PREFIX}:*`)).filter((key) => !key.endsWith(':format'));
    for (const key of keys.toSorted()) await this.spoil(key);
    return keys.length;
  }

  private async spoil(key: string): Promise<void> {
    const type = await this.redis.type(key);
    if (this.random(6) === 0) await this.replace(key, type);
    else if (type === 'string') await this.redis.set(key, this.garbage(), 'KEEPTTL');
    else if (type === 'hash') await this.spoilHash(key);
    else if (type === 'list') await this.redis.lpush(key, this.garbage(), this.garbage());
    else if (type === 'set') await this.redis.sadd(key, this.garbage());
    else if (type === 'zset') await this.redis.zadd(key, this.random(2), this.garbage());
  }

  private async spoilHash(key: string): Promise<void> {
    const fields = await this.redis.hkeys(key);
    const field = fields.toSorted()[this.random(fields.length + 1)] ?? this.garbage();
    await this.redis.hset(key, field, this.garbage());
    await this.redis.hset(key, this.garbage(), this.garbage());
    await this.redis.hset(key, Buffer.concat([Buffer.from('e:'), this.garbage()]), this.garbage());
  }

  private async replace(key: string, type: string): Promise<void> {
    await this.redis.del(key);
    if (type === 'string') await this.redis.hset(key, this.garbage(), this.garbage());
    else await this.redis.set(key, this.garbage());
  }

  private garbage(): Buffer {
    return makeGarbage(this.random);
  }
}

type RunningNode = Awaited<ReturnType<typeof startHubNode>>;

describe('a cluster in whose Redis somebody writes what they like', () => {
  let server: RestartableRedis;
  let redis: Redis;
  let nodes: RunningNode[] = [];

  beforeAll(async () => {
    server = await startOwnRedis();
    redis = new Redis(server.url);
    const env = {
      REDIS_URL: server.url,
      RINGBACK_REDIS_PREFIX: PREFIX,
      RINGBACK_NODE_LEASE_MS: '3000',
      RINGBACK_DRAIN_MS: '500',
      RINGBACK_SHUTDOWN_DELAY_MS: '0',
      LOG_LEVEL: 'info',
    };
    nodes = [
      await startHubNode({ port: await freePort(), env }),
      await startHubNode({ port: await freePort(), env }),
    ];
  });

  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop('SIGKILL')));
    redis.disconnect();
    await server.close();
  });

  const urlOf = (index: number): string => nodes[index]?.url ?? '';

  /** Everything that the hub keeps: an event with a history, a cookie, a durable subscriber. */
  async function useTheHub(): Promise<TestClient> {
    const client = await TestClient.connect(urlOf(0));
    const eventguid = randomUUID();
    await client.subscribe(eventguid, 'cookie');
    await trigger(urlOf(1), eventguid, { data: 'kept' });
    await client.hears(eventguid);
    return client;
  }

  /** As all nodes count it. */
  async function unreadable(): Promise<number> {
    const counts = nodes.map((_node, index) => metric(urlOf(index), 'ringback_unreadable_entries_total'));
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  async function expectDelivery(): Promise<void> {
    const client = await TestClient.connect(urlOf(0));
    const eventguid = randomUUID();
    await client.subscribe(eventguid, 'mine');
    const { subscribers } = await trigger(urlOf(1), eventguid, { data: 'still here' });
    expect(subscribers).toBe(1);
    const [received] = await client.hears(eventguid);
    expect(received).toMatchObject({ cookie: 'mine', data: 'still here' });
    client.close();
  }

  it('counts as subscribers no longer what is none once the nodes have found it', async () => {
    const client = await TestClient.connect(urlOf(0));
    const eventguid = randomUUID();
    await client.subscribe(eventguid, 'mine');
    const key = `${PREFIX}:{${eventguid}}:subs`;
    await redis.hset(key, 'garbage', 'confidential', Buffer.from([0xff, 0]), Buffer.from([0xfe]));
    const before = await unreadable();
    expect((await trigger(urlOf(1), eventguid, { data: 'x' })).subscribers).toBe(3);
    expect(await subscriptions(urlOf(0), eventguid)).toHaveLength(1);
    const answer = await trigger(urlOf(1), eventguid, { data: 'x', wait: 'delivered' });
    expect(answer).toMatchObject({ subscribers: 1, receipt: { delivered: 1 } });
    expect(await storedSubscribers(urlOf(1), eventguid)).toBe(1);
    await waitFor(async () => (await unreadable()) >= before + 2, 'the count');
    const lines = nodes.flatMap((node) => node.output().split('\n'));
    const found = lines.filter((line) => line.includes(`"key":"${key}","cause":"not a subscription"`));
    expect(found).toHaveLength(2);
    expect(lines.filter((line) => line.includes('confidential'))).toEqual([]);
    client.close();
  });

  it('finds what is no subscription where nobody looks', async () => {
    const client = await TestClient.connect(urlOf(0));
    const eventguid = randomUUID();
    await client.subscribe(eventguid, 'mine');
    await redis.hset(`${PREFIX}:{${eventguid}}:subs`, 'garbage', 'garbage');
    const subscribers = async () => (await trigger(urlOf(1), eventguid, { data: 'x' })).subscribers;
    expect(await subscribers()).toBe(2);
    await waitFor(async () => (await subscribers()) === 1, 'the sweep', 30_000);
    client.close();
  });

  it.each([1, 2, 3])(
    'delivers on, and no node has ended or left a rejection to nobody: seed %i',
    async (seed) => {
      const vandal = new Vandal(redis, seed);
      const clients: TestClient[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        clients.push(await useTheHub());
        expect(await vandal.spoilChannels()).toBeGreaterThan(4);
        expect(await vandal.spoilKeys()).toBeGreaterThan(4);
        await expectDelivery();
      }
      for (const client of clients) client.close();
      await waitFor(async () => (await fetch(`${urlOf(0)}/health/ready`)).ok, 'the first node', 10_000);
      await waitFor(async () => (await fetch(`${urlOf(1)}/health/ready`)).ok, 'the second node', 10_000);
      for (const path of ['/v1/nodes', '/v1/events']) expect((await fetch(urlOf(0) + path)).status).toBe(200);
      for (const node of nodes) {
        expect(node.output()).not.toContain('uncaught exception');
        // A rejection that nobody awaited is logged like this, and is none of our coded errors.
        const faults = node
          .output()
          .split('\n')
          .filter((line) => line.includes('"message":"internal error"'));
        expect(faults.filter((line) => !line.includes('"error":{"name":"HubError"'))).toEqual([]);
      }
      await waitFor(
        async () => (await metric(urlOf(0), 'ringback_unreadable_entries_total')) > 0,
        'the count',
      );
    },
  );

  it('writes no more than a few characters of a format that is none', async () => {
    await redis.set(`${PREFIX}:format`, 'secret'.repeat(10_000));
    await redis.del(...(await redis.keys(`${PREFIX}:node:*`)));
    await waitFor(() => nodes.some((node) => node.output().includes('cluster of format')), 'the log', 10_000);
    const line = nodes
      .flatMap((node) => node.output().split('\n'))
      .find((text) => text.includes('cluster of format'));
    expect(line?.length).toBeLessThan(5_000);
    expect(line).not.toContain('secret'.repeat(20));
    await redis.set(`${PREFIX}:format`, '1');
  });
});
