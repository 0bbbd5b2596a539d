import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import type { Relay } from '@ringback/core';
import { CountingMetrics, RecordingLog } from '@ringback/memory';
import { connectRedis, RedisRelay, type RedisConnections } from '@ringback/redis';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { startOwnRedis, type RestartableRedis } from '../../../test/support/redis-servers.js';
import { backplaneHistory } from './index.js';
import { describeApplication } from './testing/application-suite.js';
import { ApplicationNode, type TestClient } from './testing/test-application.js';

/** Cuts are healed within a second or two, on a busy machine later. */
const DEADLINE_MS = 15_000;
const ROUNDS = 3;
/** Messages before a cut, and as many after it. */
const BURST = 300;

let server: RestartableRedis;
let admin: Redis;
const connections: RedisConnections[] = [];

beforeAll(async () => {
  server = await startOwnRedis();
  admin = new Redis(server.url);
  admin.on('error', () => {});
});

afterAll(async () => {
  await Promise.all(connections.map((redis) => redis.close()));
  admin.disconnect();
  await server.close();
});

const relayOn = async (prefix: string): Promise<Relay> => {
  const redis = await connectRedis({ url: server.url, prefix, log: new RecordingLog() });
  connections.push(redis);
  return new RedisRelay(redis, { history: backplaneHistory });
};

const prefix = `test-${randomUUID()}`;
describeApplication('on Redis', () => relayOn(prefix));

describe('a SignalR application of two nodes on a Redis that fails', () => {
  const metrics = new CountingMetrics();
  let near: ApplicationNode;
  let far: ApplicationNode;
  let ann: TestClient;
  let bob: TestClient;

  beforeAll(async () => {
    const own = `test-${randomUUID()}`;
    const options = { metrics, log: new RecordingLog() };
    near = await ApplicationNode.start(await relayOn(own), options);
    far = await ApplicationNode.start(await relayOn(own), options);
    ann = await near.connect('ann');
    bob = await far.connect('bob');
  });

  afterEach(() => {
    bob.said.length = 0;
  });

  afterAll(async () => {
    await near.close();
    await far.close();
  });

  const burst = (from: number, count: number): Promise<unknown>[] =>
    Array.from({ length: count }, (_, index) => ann.link.invoke('ToOthers', `${from + index}`));

  it('tells each message once and in order, though the subscriber connections are cut in the middle', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const from = round * 2 * BURST;
      const cut = admin.call('client', 'kill', 'type', 'pubsub');
      await Promise.all([...burst(from, BURST), cut, ...burst(from + BURST, BURST)]);
    }
    const all = Array.from({ length: ROUNDS * 2 * BURST }, (_, index) => `${index}`);
    await waitFor(() => bob.said.length >= all.length, 'all messages', DEADLINE_MS);
    expect(bob.said).toEqual(all);
    expect([metrics.count('gap', 'true') > 0, metrics.count('gap', 'false')]).toEqual([true, 0]);
  });

  it('brings the last messages too, after which nothing is said', async () => {
    const cut = await admin.call('client', 'kill', 'type', 'pubsub');
    await Promise.all(burst(0, 10));
    expect(Number(cut)).toBeGreaterThan(0);
    await waitFor(() => bob.said.length >= 10, 'all messages', DEADLINE_MS);
    expect(bob.said).toEqual(Array.from({ length: 10 }, (_, index) => `${index}`));
  });

  it('tells who sends that Redis is away, and goes on in order once it is back', async () => {
    await ann.link.invoke('ToOthers', 'before');
    await server.kill();
    await expect(ann.link.invoke('ToOthers', 'meanwhile')).rejects.toThrow('HubError');
    await server.restart();
    const back = async (): Promise<boolean> =>
      ann.link.invoke('ToOthers', 'after').then(
        () => true,
        () => false,
      );
    await waitFor(back, 'Redis', DEADLINE_MS);
    await ann.link.invoke('ToOthers', 'last');
    await waitFor(() => bob.said.includes('last'), 'the last message', DEADLINE_MS);
    expect(bob.said).toEqual(['before', 'after', 'last']);
  });
});
