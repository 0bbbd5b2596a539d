import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { SUBSCRIBERS, type EdgeSubscriber } from './scenarios/edge-subscribers.js';
import { EDGE_WAYS, type EdgeWay } from './scenarios/edge-ways.js';
import { EDGE_HUB_ENV } from './support/edge-hub-env.js';
import { EdgeTable } from './support/edge-table.js';
import { Edge, EDGE_NAMES, type EdgeName } from './support/edge.js';
import { trigger } from './support/http.js';
import { Load } from './support/load.js';
import { startRedis, type RunningRedis } from './support/redis-servers.js';
import { World } from './support/world.js';

/** Puts what is found into docs/edge/README.md. */
const WRITES = process.env['WRITE_EDGE_TABLE'] !== undefined;

/** Those whose time-outs are tried: Caddy and Apache end no WebSocket for being silent. */
const IMPATIENT: readonly EdgeName[] = ['nginx', 'ingress-nginx', 'haproxy'];

/** Those that a signal reloads. */
const RELOADED = EDGE_NAMES.filter((name) => !['nginx, bare', 'Caddy'].includes(name));

/** Above what SignalR leaves between two pings, 15 s, as the usual 60 s are; and less than that. */
const PATIENT_MS = 18_000;
const IMPATIENT_MS = 2_000;

/** So many reloads while this many triggers a second come. */
const RELOADS = 3;
const PER_SECOND = 50;

const found = new EdgeTable(EDGE_NAMES);

describe('three nodes without stickiness', () => {
  let redis: RunningRedis;
  let world: World;
  const closing: (() => unknown)[] = [];

  const start = async (name: EdgeName, idleMs?: number): Promise<Edge> => {
    const edge = await Edge.start(name, world, { idleMs });
    closing.push(() => edge.close());
    return edge;
  };
  const loadOn = async ({ tls }: Edge, eventguid: string): Promise<Load> => {
    const load = new Load(`${tls}/apps/ring`, eventguid);
    closing.push(() => load.close());
    await load.subscribe(10);
    return load;
  };
  const idleBehind = async (name: EdgeName) => {
    const { tls } = await start(name, PATIENT_MS);
    const opened = SUBSCRIBERS.map(async ([gateway, transport, create]) => {
      const subscriber = create(`${tls}/apps/ring`);
      closing.push(() => subscriber.close());
      await subscriber.open('idle', 'mine');
      return { name, gateway, transport, subscriber };
    });
    return Promise.all(opened);
  };

  beforeAll(async () => {
    redis = await startRedis();
    world = await World.start({ redisUrl: redis.url, nodes: 3, balancers: 0, env: EDGE_HUB_ENV });
  });
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });
  afterAll(async () => {
    await world.close();
    await redis.close();
  });

  it.each(EDGE_NAMES)(
    'serve through %s what the table says, plain, with TLS and below a path',
    async (name) => {
      const edge = await start(name);
      for (const [gateway, transport, way] of EDGE_WAYS)
        found.set(gateway, transport, name, await outcome(edge, way));
      if (WRITES) return;
      const column = (table: EdgeTable): unknown[] =>
        table.rows(EDGE_NAMES.filter((other) => other !== name)).slice(0, EDGE_WAYS.length + 1);
      expect(column(found)).toEqual(column(EdgeTable.committed()));
    },
  );

  it('keep every client that is idle for longer than the proxy waits', async () => {
    const idle = await Promise.all(IMPATIENT.map(idleBehind)).then((clients) => clients.flat());
    const since = performance.now();
    await waitFor(() => performance.now() - since > PATIENT_MS + 4_000, 'the time', 2 * PATIENT_MS);
    await trigger(world.node(0).url, 'idle', { data: 'after it all' });
    const isOver = ({ received, ends }: EdgeSubscriber): boolean => received.length + ends > 0;
    await waitFor(() => idle.every(({ subscriber }) => isOver(subscriber)), 'the delivery');
    for (const { name, gateway, transport, subscriber } of idle) {
      const { ends, received } = subscriber;
      const fact = { name, gateway, transport, ends, received };
      expect(fact).toEqual({ ...fact, ends: 0, received: [['idle', 'mine', 'after it all']] });
      found.set(`${gateway}, idle`, transport, name, 'kept');
    }
  });

  it.each(IMPATIENT)('lose nothing of an SDK client that %s cuts off again and again', async (name) => {
    const load = await loadOn(await start(name, IMPATIENT_MS), `impatient ${name}`);
    await waitFor(() => load.lostAt.length >= 10, 'cut off', 20_000);
    await load.begin(PER_SECOND);
    await load.reach(PER_SECOND);
    await load.end();
    expectAllOf(load);
    found.set('SDK, cut off', 'WebSocket', name, 'recovers');
  });

  it.each(RELOADED)('lose nothing of an SDK client, and no trigger, while %s is reloaded', async (name) => {
    const edge = await start(name);
    const load = await loadOn(edge, `reloaded ${name}`);
    await load.begin(PER_SECOND);
    for (let reload = 1; reload <= RELOADS; reload++) {
      await load.reach(reload * PER_SECOND);
      await edge.reload();
    }
    await load.reach((RELOADS + 1) * PER_SECOND);
    await load.end();
    expectAllOf(load);
    found.set('SDK, reloads under load', 'WebSocket', name, 'misses nothing');
  });

  it('are all in the table, and nothing else is', () => {
    if (WRITES) found.commit();
    expect(found.rows()).toEqual(EdgeTable.committed().rows());
  });
});

function expectAllOf(load: Load): void {
  const all = load.accepted.map((_, index) => index + 1);
  for (const offsets of load.received) expect(offsets).toEqual(all);
  expect([load.gaps, load.refused]).toEqual([0, []]);
}

/** One word for all the ways in; where they differ, each with its own. */
async function outcome({ plain, tls }: Edge, way: EdgeWay): Promise<string> {
  const found: string[] = [];
  for (const url of [plain, tls, `${plain}/apps/ring`, `${tls}/apps/ring`])
    found.push((await way(url).catch(() => 'no')) ?? '');
  const words = new Set(found.filter((word) => word !== ''));
  return words.size === 1 ? [...words].join('') : found.join('/');
}
