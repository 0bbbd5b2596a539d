import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { DeafSubscriber } from './support/deaf-subscriber.js';
import { metric, subscriptions, trigger, type ListedSubscription } from './support/http.js';
import { Load } from './support/load.js';
import { startOwnRedis, type RestartableRedis } from './support/redis-servers.js';
import { TcpProxy } from './support/tcp-proxy.js';
import { type Received } from './support/test-client.js';
import { World } from './support/world.js';

const LEASE_MS = 3_000;
/** Pages of hundreds of subscriptions cost what the hubs could use. */
const LOOK_EVERY_MS = 100;

/** What is kept of an event unless it is set otherwise. */
const HISTORY_ENVELOPES = 1_000;

/** 1, 2, 3 … up to the last. */
function offsetsTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

function offsetOf({ meta }: Received): number {
  return Number(meta.position.split(':')[1]);
}

describe('three nodes behind a load balancer, when something fails', () => {
  let redis: RestartableRedis;
  let world: World;
  let load: Load;

  const start = async (
    env: Record<string, string> = {},
    redisUrlOf?: (index: number) => string,
  ): Promise<void> => {
    world = await World.start({
      redisUrl: redis.url,
      nodes: 3,
      env: { RINGBACK_NODE_LEASE_MS: String(LEASE_MS), ...env },
      ...(redisUrlOf && { redisUrlOf }),
    });
    load = new Load(world.url, 'under-load');
  };

  /** Stored subscriptions to the load's event that are of one node. */
  const heldBy = async (nodeId: string): Promise<ListedSubscription[]> => {
    await pause(LOOK_EVERY_MS);
    const all = await subscriptions(world.node(0).url, 'under-load');
    return all.filter((subscription) => subscription.nodeId === nodeId);
  };

  const allReady = async (): Promise<boolean> => {
    const answers = await Promise.all(world.nodes.map(({ url }) => fetch(`${url}/health/ready`)));
    return answers.every(({ ok }) => ok);
  };

  const expectEveryOffsetOnce = (): void => {
    const all = offsetsTo(Math.max(...load.accepted));
    for (const offsets of load.received) expect(offsets).toEqual(all);
    expect(load.gaps).toBe(0);
    expect(load.refused).toEqual([]);
  };

  beforeEach(async () => {
    redis = await startOwnRedis();
  });
  afterEach(async () => {
    load.close();
    await world.close();
    await redis.close();
  });

  it('three hundred subscribers have every offset once after a node was killed, and those it had are swept', async () => {
    await start();
    await load.subscribe(300);
    await load.begin(200);
    await load.reach(300);
    const held = (await heldBy('node2')).length;
    expect(held).toBeGreaterThan(50);

    await world.node(1).stop('SIGKILL');
    // Its lease runs out within one lease, and the others look three times in each; the rest is for a busy machine.
    const swept = waitFor(async () => (await heldBy('node2')).length === 0, 'the sweep', 2 * LEASE_MS);
    await Promise.all([swept, load.reach(900)]);
    await load.end();

    expectEveryOffsetOnce();
    const counts = await Promise.all(
      [0, 2].map((index) => metric(world.node(index).url, 'ringback_expired_subscriptions_total')),
    );
    expect(counts[0]! + counts[1]!).toBe(held);
    expect((await trigger(world.node(0).url, 'under-load')).subscribers).toBe(300);
  });

  it('nothing is refused or missed while all nodes are restarted one after the other', async () => {
    await start({ RINGBACK_DRAIN_MS: '2000', RINGBACK_SHUTDOWN_DELAY_MS: '2500' });
    await load.subscribe(90);
    await load.begin(100);
    await load.reach(50);
    for (const node of world.nodes) {
      const before = load.lostAt.length;
      expect(await node.stop()).toBe(0);
      const lost = load.lostAt.slice(before);
      expect(Math.max(...lost) - Math.min(...lost)).toBeGreaterThan(200);
      await node.start();
      await waitFor(async () => (await metric(node.url, 'ringback_relay_healthy')) === 1);
    }
    await load.end();

    expectEveryOffsetOnce();
    expect(load.longestAwayMs).toBeLessThan(2_000);
  });

  it('nothing that was accepted is missing after Redis was killed and has come back with all it had', async () => {
    await start();
    await load.subscribe(60);
    await load.begin(100);
    await load.reach(100);

    await redis.kill();
    await waitFor(
      async () => (await fetch(`${world.node(0).url}/health/ready`)).status === 503,
      'not ready',
      3_500,
    );
    expect((await fetch(`${world.node(0).url}/health/live`)).status).toBe(200);
    await redis.restart();
    await waitFor(allReady, 'ready again', 10_000);
    await load.reach(300);
    await load.end();

    expectEveryOffsetOnce();
    await waitFor(async () => (await trigger(world.node(1).url, 'under-load')).subscribers === 60);
  });

  it('a Redis that comes back empty is noticed: who continues from before is told, and all are subscribed again', async () => {
    await redis.close();
    redis = await startOwnRedis(['--appendonly', 'no', '--save', '']);
    await start();
    const client = await world.client(world.node(0).url);
    const { position } = await client.subscribe('emptied', 'c');
    for (let count = 0; count < 3; count++) await trigger(world.node(1).url, 'emptied');
    await client.hears('emptied', 3);

    await redis.restart();
    await waitFor(allReady, 'ready again', 10_000);
    await waitFor(
      async () => (await subscriptions(world.node(2).url, 'emptied')).length === 1,
      'put again',
      10_000,
    );

    const returned = await world.client(world.node(1).url);
    expect(await returned.call('SubscribeToEvent', 'emptied', 'r', { after: position })).toMatchObject({
      recovered: false,
    });
    await trigger(world.node(2).url, 'emptied', { data: 'after' });
    const [delivery] = (await client.hears('emptied', 4)).slice(3);
    expect(delivery).toMatchObject({ data: 'after', cookie: 'c', meta: { recovered: false } });
    expect((await returned.hears('emptied', 1))[0]?.meta.recovered).toBeUndefined();
  });

  it('the gap is filled when the link of one node to Redis breaks in the middle of a burst', async () => {
    const link = await TcpProxy.start(redis.url);
    await start({}, (index) => (index === 0 ? link.url.replace('http', 'redis') : redis.url));
    const client = await world.client(world.node(0).url);
    await client.subscribe('burst', 'c');

    const burst = Array.from({ length: 300 }, (_, index) =>
      trigger(world.node(1 + (index % 2)).url, 'burst'),
    );
    await client.hears('burst', 20);
    link.cut();
    await Promise.all(burst);

    const received = await client.hears('burst', 300);
    expect(received.map(offsetOf)).toEqual(offsetsTo(300));
    await link.close();
  });

  it('a link to Redis that swallows everything turns readiness off and on, and the gap is filled', async () => {
    const link = await TcpProxy.start(redis.url);
    await start({}, (index) => (index === 0 ? link.url.replace('http', 'redis') : redis.url));
    const { url } = world.node(0);
    const client = await world.client(url);
    await client.subscribe('swallowed', 'c');

    link.pause();
    for (let count = 0; count < 10; count++) await trigger(world.node(1).url, 'swallowed');
    await waitFor(async () => (await fetch(`${url}/health/ready`)).status === 503, 'not ready', 4_000);
    expect(client.received).toEqual([]);
    expect((await fetch(`${url}/v1/events/swallowed/trigger`, { method: 'POST' })).status).toBe(503);

    link.resume();
    await client.hears('swallowed', 10);
    await waitFor(async () => (await fetch(`${url}/health/ready`)).ok, 'ready again', 10_000);
    expect(client.received.map(({ meta }) => meta.recovered)).toEqual(
      Array.from({ length: 10 }, () => undefined),
    );
    await link.close();
  });

  it('a subscriber that stops reading is closed at its bound and recovers when it returns; 299 others miss nothing', async () => {
    await start({ RINGBACK_OUTBOX_BYTES: '65536' });
    const { url } = world.node(0);
    const others = await world.clientsOf(299, url);
    await Promise.all(others.map((client, index) => client.subscribe('shared', String(index))));
    const { deaf, positions } = await DeafSubscriber.subscribe(url, ['shared', 'large']);

    let sent = 0;
    const overruns = (): Promise<number> =>
      metric(url, 'ringback_disconnections_total', '{gateway="socketio",reason="slow-consumer"}');
    while ((await overruns()) === 0) {
      expect(++sent).toBeLessThan(HISTORY_ENVELOPES);
      await trigger(url, 'shared');
      // To the deaf one alone: large enough to fill what the operating system holds for a connection.
      await trigger(url, 'large', { data: 'd'.repeat(60_000) });
    }
    await waitFor(async () => (await subscriptions(url, 'shared')).length === 299);
    await deaf.findEnd();

    const returned = await world.client(url);
    expect(
      await returned.call('SubscribeToEvent', 'shared', 'hears again', { after: positions[0] }),
    ).toMatchObject({ ok: true, recovered: true });
    await trigger(url, 'shared');
    for (const client of [...others, returned]) {
      const received = await client.hears('shared', sent + 1);
      expect(received.map(offsetOf)).toEqual(offsetsTo(sent + 1));
    }
    expect(await overruns()).toBe(1);
  });
});
