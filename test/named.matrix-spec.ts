import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { describeNamedAway } from './scenarios/named-away.js';
import { NamedClients } from './scenarios/named-client.js';
import { isAway, namedSubscription, session } from './scenarios/named-operator.js';
import { describePresence } from './scenarios/presence.js';
import { describeReceipts } from './scenarios/receipts.js';
import { metric, subscriptions, trigger } from './support/http.js';
import {
  startOwnRedis,
  startRedis,
  startRedisCluster,
  type RestartableRedis,
  type RunningRedis,
} from './support/redis-servers.js';
import { World } from './support/world.js';

const LEASE_MS = 3_000;
/** Longer than nodes take from one look at sessions to the next. */
const TIDIED_WITHIN_MS = 45_000;

interface Backend {
  readonly nodes: number;
  readonly start?: () => Promise<RunningRedis>;
}

const BACKENDS: readonly (readonly [string, Backend])[] = [
  ['three nodes on one Redis', { nodes: 3, start: startRedis }],
  ['three nodes on a Redis Cluster of three masters', { nodes: 3, start: startRedisCluster }],
  ['one node in memory', { nodes: 1 }],
];

describe.each(BACKENDS)('%s', (_, { nodes, start }) => {
  let redis: RunningRedis | undefined;
  let world: World;

  beforeAll(async () => {
    redis = await start?.();
    world = await World.start({ nodes, ...(redis && { redisUrl: redis.url }) });
  });
  afterAll(async () => {
    await world.close();
    await redis?.close();
  });

  describeNamedAway(() => world);
});

describe('named subscribers, when something fails', () => {
  const clients = new NamedClients();
  let redis: RestartableRedis;
  let world: World;

  const start = async (env: Record<string, string> = {}): Promise<void> => {
    world = await World.start({
      redisUrl: redis.url,
      nodes: 3,
      env: { RINGBACK_NODE_LEASE_MS: String(LEASE_MS), ...env },
    });
  };
  const url = (index: number): string => world.node(index).url;

  beforeEach(async () => {
    redis = await startOwnRedis();
  });
  afterEach(async () => {
    clients.close();
    await world.close();
    await redis.close();
  });

  it('go on at another node when theirs was killed, with what they had not acknowledged', async () => {
    await start();
    const before = await clients.connect(url(1), { subscriberId: 'n' });
    await before.subscribe('e', 'c');
    for (let number = 1; number <= 4; number++) await trigger(url(0), 'e', { data: `${number}` });
    const received = await before.hears('e', 4);
    await before.acknowledge('e', received[1]?.meta.position ?? '');
    await waitFor(async () => (await namedSubscription(url(0), 'e', 'n'))?.session?.pending === 2, 'stored');

    await world.node(1).stop('SIGKILL');
    await trigger(url(0), 'e', { data: '5' });
    // At once: the dead node's lease still stands.
    const returned = await clients.connect(url(2), { subscriberId: 'n' });
    await trigger(url(0), 'e', { data: '6' });

    await returned.hears('e', 4);
    expect(returned.data('e')).toEqual(['3', '4', '5', '6']);
    await waitFor(
      async () => (await session(url(0), 'n'))?.nodeId === world.node(2).nodeId,
      'the holder',
      3 * LEASE_MS,
    );
    expect((await subscriptions(url(0), 'e')).map(({ nodeId }) => nodeId)).toEqual([world.node(2).nodeId]);
  });

  it('are away when their node was killed and they do not return, and lose nothing by its sweep', async () => {
    await start();
    const before = await clients.connect(url(1), { subscriberId: 'n' });
    await before.subscribe('e', 'c');
    await world.node(1).stop('SIGKILL');
    await waitFor(() => isAway(url(0), 'n'), 'the sweep', 3 * LEASE_MS);
    await trigger(url(0), 'e', { data: 'swept', removeAfterSend: true });

    const returned = await clients.connect(url(2), { subscriberId: 'n' });
    const [delivery] = await returned.hears('e');
    expect(delivery).toMatchObject({ data: 'swept', cookie: 'c', meta: { ended: true } });
  });

  it('are gone with their subscriptions when they were away for longer than a session lasts', async () => {
    await start({ RINGBACK_SESSION_TTL_MS: '3000' });
    const before = await clients.connect(url(0), { subscriberId: 'n' });
    await before.subscribe('stands', 'c');
    await before.subscribe('cut', 'c');
    before.close();
    await waitFor(() => isAway(url(1), 'n'));
    expect(await trigger(url(1), 'stands')).toMatchObject({ subscribers: 1 });
    expect(await trigger(url(1), 'cut', { removeAfterSend: true })).toMatchObject({ subscribers: 1 });

    await waitFor(async () => (await session(url(1), 'n')) === undefined, 'the end', TIDIED_WITHIN_MS);
    expect(await subscriptions(url(2), 'stands')).toEqual([]);
    expect(await trigger(url(2), 'stands')).toMatchObject({ subscribers: 0 });

    const returned = await clients.connect(url(2), { subscriberId: 'n' });
    await returned.subscribe('stands', 'new');
    await trigger(url(0), 'stands', { data: 'fresh' });
    await returned.hears('stands');
    expect(returned.received.map(({ data, cookie }) => [data, cookie])).toEqual([['fresh', 'new']]);
  });

  it('keep no more bytes than their identity may, on whichever node, until some are given back', async () => {
    await start({ RINGBACK_DURABLE_BYTES_PER_IDENTITY: '6000' });
    const cookie = 'c'.repeat(4_000);
    const refusal = /durable-bytes-limit/;
    const one = await clients.connect(url(0), { subscriberId: 'one' });
    const two = await clients.connect(url(1), { subscriberId: 'two' });
    await one.subscribe('e', cookie);
    await expect(two.subscribe('f', cookie)).rejects.toThrow(refusal);
    await two.subscribe('f', 'short');
    expect(await metric(url(1), 'ringback_errors_total', '{code="durable-bytes-limit"}')).toBe(1);
    expect(await metric(url(1), 'ringback_durable_identity_bytes')).toBeGreaterThan(4_000);

    await trigger(url(2), 'e', { data: 'all the same' });
    await one.hears('e');
    one.close();
    await waitFor(() => isAway(url(2), 'one'));
    await expect(two.subscribe('f', cookie)).rejects.toThrow(refusal);
    expect((await namedSubscription(url(2), 'f', 'two'))?.cookie).toBe('short');
    const path = `/v1/subscriptions?eventguid=e&subscriber=${encodeURIComponent('n:anonymous/one')}`;
    expect((await fetch(url(2) + path, { method: 'DELETE' })).ok).toBe(true);
    await two.subscribe('f', cookie);
  });

  it('are still there with their positions after Redis was killed and has come back with all it had', async () => {
    await start();
    const away = await clients.connect(url(0), { subscriberId: 'away' });
    await away.subscribe('e', 'of away');
    await away.subscribe('once', 'of once');
    const held = await clients.connect(url(1), { subscriberId: 'held' });
    await held.subscribe('e', 'of held');
    for (const data of ['1', '2', '3']) await trigger(url(2), 'e', { data });
    const [, second] = await away.hears('e', 3);
    await away.acknowledge('e', second?.meta.position ?? '');
    away.close();
    await waitFor(() => isAway(url(1), 'away'));
    await trigger(url(2), 'once', { data: 'last', removeAfterSend: true });
    const before = await session(url(1), 'away');

    await redis.restart();
    await waitFor(
      async () =>
        (await Promise.all(world.nodes.map((node) => fetch(`${node.url}/health/ready`)))).every(
          ({ ok }) => ok,
        ),
      'ready again',
      15_000,
    );

    expect(await session(url(2), 'away')).toEqual(before);
    expect(await namedSubscription(url(2), 'e', 'away')).toMatchObject({
      cookie: 'of away',
      session: { acknowledged: second?.meta.position, pending: 1 },
    });
    await trigger(url(0), 'e', { data: '4' });
    await held.hears('e', 4);
    expect(held.data('e')).toEqual(['1', '2', '3', '4']);
    const returned = await clients.connect(url(2), { subscriberId: 'away' });
    await returned.hears('e', 2);
    expect(returned.data('e')).toEqual(['3', '4']);
    expect((await returned.hears('once')).map(({ data, cookie }) => [data, cookie])).toEqual([
      ['last', 'of once'],
    ]);
  });
});

describeReceipts();
describePresence();
