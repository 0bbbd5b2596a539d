import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { metric, subscriptions, trigger } from './support/http.js';
import { Load } from './support/load.js';
import { startOwnRedis, type RestartableRedis } from './support/redis-servers.js';
import { TcpProxy } from './support/tcp-proxy.js';
import { World } from './support/world.js';

const LEASE_MS = 3_000;

/** 1, 2, 3 … up to the last accepted offset. */
function everyOffset({ accepted }: Load): number[] {
  return Array.from({ length: Math.max(...accepted) }, (_, index) => index + 1);
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
      env: { NODE_LEASE_MS: String(LEASE_MS), ...env },
      ...(redisUrlOf && { redisUrlOf }),
    });
    load = new Load(world.url, 'under-load');
  };

  const allReady = async (): Promise<boolean> => {
    const answers = await Promise.all(world.nodes.map(({ url }) => fetch(`${url}/health/ready`)));
    return answers.every(({ ok }) => ok);
  };

  const expectEveryOffsetOnce = (): void => {
    const all = everyOffset(load);
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

  it('every subscriber has every offset once after a node was killed, and its subscriptions are swept', async () => {
    await start();
    await load.subscribe(150);
    await load.begin(200);
    await load.reach(300);
    const held = (await subscriptions(world.node(0).url, 'under-load')).filter(
      ({ nodeId }) => nodeId === 'node2',
    ).length;
    expect(held).toBeGreaterThan(10);

    await world.node(1).stop('SIGKILL');
    await load.reach(900);
    await load.end();

    expectEveryOffsetOnce();
    await waitFor(
      async () =>
        (await subscriptions(world.node(0).url, 'under-load')).every(({ nodeId }) => nodeId !== 'node2'),
      'the sweep',
      3 * LEASE_MS,
    );
    const swept = await Promise.all(
      [0, 2].map((index) => metric(world.node(index).url, 'hub_swept_subscriptions_total')),
    );
    expect(swept[0]! + swept[1]!).toBe(held);
    expect((await trigger(world.node(0).url, 'under-load')).subscribers).toBe(150);
  });

  it('nothing is refused or missed while all nodes are restarted one after the other', async () => {
    await start({ DRAIN_MS: '2000', DRAIN_NOTICE_MS: '2500' });
    await load.subscribe(90);
    await load.begin(100);
    await load.reach(50);
    for (const node of world.nodes) {
      const before = load.lostAt.length;
      expect(await node.stop()).toBe(0);
      const lost = load.lostAt.slice(before);
      expect(Math.max(...lost) - Math.min(...lost)).toBeGreaterThan(200);
      await node.start();
      await waitFor(async () => (await metric(node.url, 'hub_relay_healthy')) === 1);
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
    expect(received.map(({ meta }) => Number(meta.position.split(':')[1]))).toEqual(
      Array.from({ length: 300 }, (_, index) => index + 1),
    );
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

  it('a subscriber that stops reading is closed at its bound, and the others are not held up', async () => {
    await start({ OUTBOX_BYTES: '65536' });
    const { url } = world.node(0);
    const others = await world.clientsOf(50, url);
    await Promise.all(others.map((client, index) => client.subscribe('slow', String(index))));
    const deaf = await deafSubscriber(url, 'slow');

    let sent = 0;
    const overruns = (): Promise<number> =>
      metric(url, 'hub_disconnections_total', '{gateway="socketio",reason="overrun"}');
    while ((await overruns()) === 0) {
      expect(++sent).toBeLessThan(2_000);
      await trigger(url, 'slow', { data: 'd'.repeat(60_000) });
    }

    await Promise.all(others.map((client) => client.hears('slow', sent)));
    await waitFor(async () => (await subscriptions(url, 'slow')).length === 50);
    deaf.destroy();
  });
});

/** Subscribes over a bare WebSocket and then reads nothing any more. */
async function deafSubscriber(url: string, eventguid: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const lines = [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    `host: ${hostname}:${port}`,
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: c29tZSByYW5kb20ga2V5IQ==',
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined); // it is cut by the hub, as it should be
  await waitFor(() => text.includes('pingInterval'));
  socket.write(maskedText('40'));
  await waitFor(() => text.includes('40{'));
  socket.write(maskedText(`420["SubscribeToEvent","${eventguid}","deaf"]`));
  await waitFor(() => text.includes('430[{"ok":true'));
  socket.pause();
  return socket;
}

/** A text frame as clients send it, masked with zeros. */
function maskedText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | bytes.length, 0, 0, 0, 0]), bytes]);
}
