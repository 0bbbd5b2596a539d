import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { RecordingLog } from '@ringback/memory';
import { subscriptions, trigger } from '../../../test/support/http.js';
import type { RedisProcess } from '../../../test/support/redis-process.js';
import { SentinelledRedis } from '../../../test/support/redis-sentinels.js';
import { Witness } from '../../../test/support/redis-witness.js';
import { readConfig } from './config.js';
import { HubNode } from './hub-node.js';

jest.setTimeout(120_000);

const SUBSCRIBERS = 4;
const EVENTS = ['orders', 'doors', 'alarms'];

const hastened = Promise.resolve();
const closers: (() => Promise<unknown>)[] = [];

/** What a test has started is closed in reverse. */
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function startNode(redisUrl: string, nodeId: string): Promise<HubNode> {
  const environment = {
    PORT: '0',
    RINGBACK_NODE_ID: nodeId,
    RINGBACK_NODE_LEASE_MS: '3000',
    REDIS_URL: redisUrl,
    RINGBACK_SHUTDOWN_DELAY_MS: '0',
  };
  const node = await HubNode.start(readConfig(environment), new RecordingLog());
  closers.push(() => node.stop(hastened));
  return node;
}

interface Cluster {
  readonly redis: SentinelledRedis;
  readonly nodes: readonly HubNode[];
  /** Subscribes at the one node and triggers at the other. */
  readonly witness: Witness;
}

async function startCluster(): Promise<Cluster> {
  const redis = await SentinelledRedis.start();
  closers.push(() => redis.close());
  const [a, b] = [await startNode(redis.url, 'a'), await startNode(redis.url, 'b')];
  const witness = new Witness(b.url, EVENTS, a.url);
  closers.push(async () => witness.close());
  for (let count = 0; count < SUBSCRIBERS; count++) await witness.subscribe();
  return { redis, nodes: [a, b], witness };
}

async function allReady({ nodes }: Cluster): Promise<void> {
  const ready = async (): Promise<boolean> => {
    const answers = await Promise.all(nodes.map(({ url }) => fetch(`${url}/health/ready`)));
    return answers.every(({ ok }) => ok);
  };
  await waitFor(ready, 'every node ready', 30_000);
}

/** Triggers each event once more, which every subscriber hears; then nothing is missing or doubled untold, and all are counted, on every node. */
async function expectWhole({ nodes, witness }: Cluster): Promise<void> {
  await witness.triggerEach(1);
  await waitFor(() => witness.upToDate, 'the last deliveries', 20_000);
  expect(witness.refused).toEqual([]);
  expect(witness.complaints()).toEqual([]);
  for (const eventguid of EVENTS) {
    for (const { url } of nodes) {
      // Each sentinel that tells of the new master may have the link to it made once more.
      const isStored = () =>
        subscriptions(url, eventguid).then(
          ({ length }) => length === SUBSCRIBERS,
          () => false,
        );
      await waitFor(isStored, `all subscriptions of ${eventguid} stored again`, 20_000);
      const isCounted = () =>
        trigger(url, eventguid).then(
          (accepted) => accepted.subscribers === SUBSCRIBERS,
          () => false,
        );
      await waitFor(isCounted, `a trigger of ${eventguid} that counts them all`, 20_000);
    }
  }
}

const LOSSES: readonly (readonly [
  how: string,
  lose: (master: RedisProcess) => unknown,
  back: (master: RedisProcess) => unknown,
])[] = [
  ['is killed', (master) => master.kill(), (master) => master.start()],
  ['hangs', (master) => master.freeze(), (master) => master.thaw()],
];

describe('Redis behind three sentinels', () => {
  it.each(LOSSES)(
    'has a master that %s: a replica takes over, and nothing is missing, doubled or untold',
    async (_how, lose, back) => {
      const cluster = await startCluster();
      const { redis, witness } = cluster;
      await witness.begin(50);
      await waitFor(() => witness.accepted.length > 50, 'triggers before', 20_000);

      const master = await redis.master();
      await lose(master);
      await redis.succeeds(master);
      await allReady(cluster);
      const before = witness.accepted.length;
      await waitFor(() => witness.accepted.length > before + 50, 'triggers after', 20_000);
      await back(master);
      await redis.whole();
      await witness.end();
      await expectWhole(cluster);
    },
  );

  it('has sentinels that are started again: their word of a later failover counts', async () => {
    const cluster = await startCluster();
    const { redis, witness } = cluster;
    await witness.triggerEach(2);
    await redis.restartSentinel();
    await redis.whole();
    const master = await redis.master();
    await master.kill();
    await redis.succeeds(master);
    await allReady(cluster);
    await expectWhole(cluster);
  });

  it('says in one sentence that no sentinel is there, or none knows the master', async () => {
    const redis = await SentinelledRedis.start();
    closers.push(() => redis.close());
    const other = startNode(redis.url.replace(/main$/, 'other'), 'a');
    await expect(other).rejects.toThrow(
      /^REDIS_URL: No sentinel at [^ ]+, [^ ]+, [^ ]+ knows a master "other"; correct its name\.$/,
    );
    await redis.killSentinels();
    await expect(startNode(redis.url, 'a')).rejects.toThrow(
      /^REDIS_URL: No sentinel at [^ ]+, [^ ]+, [^ ]+ tells where the master is \(no answer\); start them, or correct their addresses or sentinel_password\.$/,
    );
  });
});
