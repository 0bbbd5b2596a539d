import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { EDGE_HUB_ENV } from './support/edge-hub-env.js';
import { Edge } from './support/edge.js';
import { HttpLoad } from './support/http-load.js';
import { metric, trigger } from './support/http.js';
import { Load } from './support/load.js';
import { Losses } from './support/losses.js';
import { startRedis } from './support/redis-servers.js';
import { StockCrowd } from './support/stock-crowd.js';
import { World, type WorldNode } from './support/world.js';

/** As k8s/base has them, at a tenth. */
const STOP_ENV = { RINGBACK_SHUTDOWN_DELAY_MS: '1000', RINGBACK_DRAIN_MS: '2000' };

const EVENT = 'rolling';
const PER_SECOND = 25;
const LAST = 'after it all';

/** Who polls is not told where a busy machine keeps it from its next poll for a second. */
const POLLS = /^(socket\.io polling|signalr LongPolling)/;

const EPHEMERAL_TRANSPORTS = ['WebSockets', 'ServerSentEvents', 'LongPolling'] as const;

describe('three nodes behind nginx as in docs/edge, restarted one after the other', () => {
  /** What has been started, even if what comes after it could not be. */
  const closing: (() => Promise<unknown> | void)[] = [];
  let world: World;
  let triggers: HttpLoad;
  let load: Load;
  let crowd: StockCrowd;

  beforeEach(async () => {
    const redis = await startRedis();
    closing.push(() => redis.close());
    const env = { ...EDGE_HUB_ENV, ...STOP_ENV };
    world = await World.start({ redisUrl: redis.url, nodes: 3, balancers: 0, env });
    closing.push(() => world.close());
    const edge = await Edge.start('nginx', world);
    closing.push(() => edge.close());
    triggers = new HttpLoad(edge.plain, EVENT);
    load = new Load(edge.plain, EVENT);
    crowd = new StockCrowd(edge.plain, EVENT);
    closing.push(
      () => triggers.close(),
      () => load.close(),
      () => crowd.close(),
    );
  });
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  const subscribeAll = async (): Promise<void> => {
    await load.subscribe(4);
    await load.subscribeDurably(4);
    for (const transport of ['websocket', 'polling'] as const)
      for (const continues of [true, false]) await crowd.socketIo(3, { transports: [transport], continues });
    for (const transport of EPHEMERAL_TRANSPORTS) await crowd.signalR(3, transport);
  };

  const restart = async (node: WorldNode): Promise<void> => {
    const stopped = node.stop();
    await waitFor(async () => (await fetch(`${node.url}/health/ready`)).status === 503, 'not ready');
    expect(await stopped).toBe(0);
    await triggers.goOn(PER_SECOND / 4); // while it is away
    await node.start();
    await waitFor(async () => (await metric(node.url, 'ringback_relay_healthy')) === 1);
    await crowd.allSubscribed();
    await triggers.goOn(PER_SECOND / 4);
  };

  it('refuse no trigger; who remembers misses nothing, who does not only what came while it was away', async () => {
    await subscribeAll();
    triggers.begin(PER_SECOND);
    await triggers.goOn(PER_SECOND);
    for (const node of world.nodes) await restart(node);
    await triggers.end();
    const { position } = await trigger(world.node(0).url, EVENT, { data: LAST });
    const last = Number(position.split(':')[1]);
    await Promise.all([load.receive(last), crowd.allReceive(LAST)]);

    const losses = new Losses(triggers.sentAt, crowd.members);
    console.info(losses.report());
    expect(triggers.refused).toEqual([]);
    expect(last).toBe(triggers.sentAt.length + 1); // none was carried out twice
    const all = Array.from({ length: last }, (_, index) => index + 1);
    for (const offsets of load.received) expect(offsets).toEqual(all);
    expect(load.gaps).toBe(0);
    for (const member of crowd.members) {
      const { kind, continues } = member;
      const unexplained = continues ? losses.missedBy(member) : losses.unexplained(member);
      const doubled = losses.doubledAt(member);
      expect({ kind, unexplained, doubled }).toEqual({ kind, unexplained: [], doubled: 0 });
    }
    expect(crowd.silent.filter((end) => !POLLS.test(end))).toEqual([]);
    expect(crowd.mostEnds).toBeLessThanOrEqual(world.nodes.length);
    expect(crowd.ends).toBeGreaterThanOrEqual(crowd.members.length); // each node had clients
  });
});
