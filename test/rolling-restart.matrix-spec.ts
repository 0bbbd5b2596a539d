import { connect as connectSocket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { metric, trigger } from './support/http.js';
import { Load } from './support/load.js';
import { startRedis } from './support/redis-servers.js';
import { StockCrowd } from './support/stock-crowd.js';
import { BALANCERS, World } from './support/world.js';

/** Time enough to ask a node while it drains: 10 ms a connection, so 200 of them are there. */
const DRAIN_MS = 2_000;
const TO_DRAIN = 200;

const POLL = '/socket.io/?EIO=4&transport=polling';

describe.each(BALANCERS)('three nodes behind %s, restarted one after the other', (balancer) => {
  /** What has been started, even if what comes after it could not be. */
  const closing: (() => Promise<unknown> | void)[] = [];
  let world: World;
  let load: Load;
  let crowd: StockCrowd;

  beforeEach(async () => {
    const redis = await startRedis();
    closing.push(() => redis.close());
    const env = { RINGBACK_DRAIN_MS: String(DRAIN_MS), RINGBACK_SHUTDOWN_DELAY_MS: '2500' };
    world = await World.start({ redisUrl: redis.url, nodes: 3, balancer, env });
    closing.push(() => world.close());
    load = new Load(world.url, 'rolling');
    crowd = new StockCrowd(world.url, 'rolling');
    closing.push(
      () => load.close(),
      () => crowd.close(),
    );
  });
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  it('end no connection without a word, send nobody away twice, and the SDK misses nothing', async () => {
    await crowd.socketIo(40);
    await crowd.signalR(20);
    await load.subscribe(20);
    await load.begin(50);
    await load.reach(50);
    for (const node of world.nodes) {
      expect(await node.stop()).toBe(0);
      await node.start();
      await waitFor(async () => (await metric(node.url, 'ringback_relay_healthy')) === 1);
      await crowd.allSubscribed();
    }
    await load.end();

    const all = Array.from({ length: Math.max(...load.accepted) }, (_, index) => index + 1);
    for (const offsets of load.received) expect(offsets).toEqual(all);
    expect([load.gaps, load.refused]).toEqual([0, []]);
    await trigger(world.url, 'rolling', { data: 'after it all' });
    await crowd.allReceive('after it all');
    expect(crowd.ends).toBeGreaterThanOrEqual(60); // each node had clients
    expect(crowd.silent).toEqual([]);
    expect(crowd.mostEnds).toBeLessThanOrEqual(world.nodes.length);
  });
});

describe('a node that drains', () => {
  let world: World;

  beforeEach(async () => {
    world = await World.start({ nodes: 1, env: { RINGBACK_DRAIN_MS: String(DRAIN_MS) } });
  });
  afterEach(() => world.close());

  it('refuses new clients at their first request with 503, draining and Retry-After, on every gateway', async () => {
    const node = world.node(0);
    await world.clientsOf(TO_DRAIN, node.url);
    const stopped = node.stop();
    await waitFor(async () => (await fetch(`${node.url}/health/ready`)).status === 503);

    const answers = await Promise.all([
      fetch(node.url + POLL),
      fetch(`${node.url}/hub/negotiate?negotiateVersion=1`, { method: 'POST' }),
      fetch(`${node.url}/RealtimeEventPushHub/negotiate?negotiateVersion=1`, { method: 'POST' }),
    ]);
    const upgrades = await Promise.all([
      upgrade(node.url, '/socket.io/?EIO=4&transport=websocket'),
      upgrade(node.url, '/hub'),
      upgrade(node.url, '/RealtimeEventPushHub'),
    ]);

    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(await answer.json()).toMatchObject({ code: 'draining' });
    }
    for (const head of upgrades) {
      expect(head).toMatch(/^HTTP\/1\.1 503 /);
      expect(head).toMatch(/^retry-after: \d+\r$/im);
      expect(head).toContain('"code":"draining"');
    }
    expect(await stopped).toBe(0);
  });
});

/** What is answered to a WebSocket upgrade, until the other side closes or the first bytes of an accepted one. */
async function upgrade(url: string, path: string): Promise<string> {
  const { hostname, port, host } = new URL(url);
  const socket = connectSocket(Number(port), hostname);
  const headers = `Host: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13`;
  socket.write(`GET ${path} HTTP/1.1\r\n${headers}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
  let text = '';
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    text += chunk.toString('latin1');
    if (text.startsWith('HTTP/1.1 101')) break;
  }
  return text;
}
