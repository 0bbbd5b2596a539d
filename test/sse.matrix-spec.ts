import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { EDGE_HUB_ENV } from './support/edge-hub-env.js';
import { Edge } from './support/edge.js';
import { metric } from './support/http.js';
import { startRedis } from './support/redis-servers.js';
import { RungEvents } from './support/rung-events.js';
import { StreamCrowd } from './support/stream-crowd.js';
import { eventsOf, plansOf } from './support/stream-subscribers.js';
import { World } from './support/world.js';

const SIZES = [
  { events: 1, streams: 880 },
  { events: 11, streams: 80 },
  { events: 12, streams: 20 },
  { events: 20, streams: 20 },
];

/** A proxy holds two connections for each stream, and a few for those that come back before the others are gone. */
const CLIENTS = 4_096;

/** So many triggers each before, while and after something ends: each event has one at least. */
const AT_ONCE = 48;

/** Less than keep-alives are apart. */
const AT_ONCE_MS = 8_000;

const ENV = {
  ...EDGE_HUB_ENV,
  RINGBACK_SSE_RETRY_MS: '500',
  RINGBACK_SHUTDOWN_DELAY_MS: '2500', // haproxy looks once a second, and sends nobody any more after two
};

describe.each(['haproxy', 'nginx'] as const)('a thousand EventSources, through %s at three nodes', (name) => {
  /** What has been started, even if what comes after it could not be. */
  const closing: (() => Promise<unknown>)[] = [];
  let world: World;
  let edge: Edge;
  let crowd: StreamCrowd;
  let rung: RungEvents;
  let rounds = 0;

  beforeAll(async () => {
    const redis = await startRedis();
    closing.push(() => redis.close());
    world = await World.start({ redisUrl: redis.url, nodes: 3, balancers: 0, env: ENV });
    closing.push(() => world.close());
    edge = await Edge.start(name, world, { clients: CLIENTS });
    closing.push(() => edge.close());
  });
  afterAll(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });
  beforeEach(async () => {
    const plans = plansOf(SIZES, ++rounds);
    crowd = await StreamCrowd.open(edge.plain, plans);
    rung = new RungEvents(world, eventsOf(plans));
  });
  /** Proxies tell the nodes at once: with the next keep-alive alone it would take longer. */
  afterEach(async () => {
    crowd.close();
    await waitFor(async () => (await connections()) === 0, 'the end of all', AT_ONCE_MS);
  });

  const connectionsOf = (index: number): Promise<number> =>
    metric(world.node(index).url, 'ringback_connections', '{gateway="sse"}');

  const connections = async (): Promise<number> => {
    const each = await Promise.all(world.nodes.map((_node, index) => connectionsOf(index)));
    return each.reduce((sum, count) => sum + count, 0);
  };

  /** Ends a node with triggers before, while and after it; resolves once every stream has what it missed, and the node is back. */
  const endNode = async (index: number, signal: NodeJS.Signals): Promise<void> => {
    const { openings } = crowd;
    const held = await connectionsOf(index);
    expect(held).toBeGreaterThan(0);
    await rung.ring(AT_ONCE);
    const stopping = world.node(index).stop(signal);
    await rung.ring(AT_ONCE);
    await stopping;
    await rung.ring(AT_ONCE);
    await crowd.comeBack(held, openings);
    await crowd.haveAll(rung);
    await world.node(index).start();
  };

  it('have everything once, though a node is killed', async () => {
    await endNode(0, 'SIGKILL');
    crowd.expectExact(rung);
  });

  it('have everything once, though a node drains', async () => {
    await endNode(1, 'SIGTERM');
    crowd.expectExact(rung);
  });

  it('have everything once, though the proxy is reloaded, and its old workers ended', async () => {
    const { openings } = crowd;
    await rung.ring(AT_ONCE);
    const older = await edge.reload();
    await rung.ring(AT_ONCE);
    for (const worker of older) process.kill(worker, 'SIGTERM');
    await rung.ring(AT_ONCE);
    await crowd.comeBack(crowd.size, openings);
    await crowd.haveAll(rung);
    crowd.expectExact(rung);
  });

  it('have everything once over all of it, and then stay away', async () => {
    await endNode(2, 'SIGKILL');
    await edge.reload();
    await endNode(0, 'SIGTERM');
    await edge.reload();
    await endNode(1, 'SIGKILL');
    await rung.ringForTheLastTime();
    await crowd.areOver();
    crowd.expectExact(rung);
    expect(crowd.statuses()).toEqual(new Set([204]));
  });
});
