import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { Redis } from 'ioredis';
import { Crowd } from './support/crowd.js';
import { storedSubscribers, trigger } from './support/http.js';
import { mostOpenFiles, peakMemoryMiB } from './support/processes.js';
import { startOwnRedis } from './support/redis-servers.js';
import { World } from './support/world.js';

const CLIENTS = 10_000;
const NODES = 2;
const LEASE_MS = 3_000;
const ARRIVE_WITHIN_MS = 50_000;

const SEEN = 10;
const MISSED = 50;
const DATA = 'd'.repeat(1_000);

/**
 * The half of the clients that a node has cost it 180 to 220 MiB above the 140 of an idle one. The bound leaves half as much again;
 * a copy of what was missed for each client that waits for it would be 250 MiB more.
 */
const MOST_MEMORY_MIB = 520;

/** A load balancer holds two sockets for each of its clients, and some for itself. */
const OPEN_FILES = (2 * CLIENTS) / NODES + 1_000;

/** The offsets up to one, as a crowd reports them. */
function offsetsTo(last: number): string {
  return Array.from({ length: last }, (_, index) => index + 1).join(' ');
}

describe('two nodes that ten thousand clients come back to at once', () => {
  /** What has been started, even if what comes after it could not be. */
  let closing: (() => Promise<unknown> | void)[] = [];
  let statistics: Redis;
  let world: World;
  let crowd: Crowd;

  const triggerTimes = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index++)
      await trigger(world.node(index).url, 'crowded', { data: DATA });
  };

  /** Each read of a history is one LRANGE, within whichever script. */
  const historyReads = async (): Promise<number> =>
    Number(/^cmdstat_lrange:calls=(\d+)/m.exec(await statistics.info('commandstats'))?.[1] ?? 0);

  beforeEach(async () => {
    if (mostOpenFiles() < OPEN_FILES)
      throw new Error(
        `This test needs ${OPEN_FILES} open files for a process; the machine allows ${mostOpenFiles()} (ulimit -Hn).`,
      );
    const redis = await startOwnRedis(['--appendonly', 'no']);
    closing.push(() => redis.close());
    statistics = new Redis(redis.url);
    closing.push(() => statistics.disconnect());
    world = await World.start({
      redisUrl: redis.url,
      nodes: NODES,
      balancers: NODES,
      env: { RINGBACK_NODE_LEASE_MS: String(LEASE_MS) },
    });
    closing.push(() => world.close());
    crowd = Crowd.start(world.urls, 'crowded', CLIENTS);
    closing.push(() => crowd.close());
  });
  afterEach(async () => {
    const begun = closing.toReversed();
    closing = [];
    for (const close of begun) await close();
  });

  it('each recovers what it missed, in order, from one read of the history for each node, in bounded memory', async () => {
    await crowd.come();
    await crowd.all('replies', 'accepted', ARRIVE_WITHIN_MS);
    await triggerTimes(SEEN);
    await crowd.all('received', offsetsTo(SEEN), 10_000);

    await Promise.all(world.nodes.map((node) => node.stop('SIGKILL')));
    await crowd.all('connected', 'no', 10_000);
    await Promise.all(world.nodes.map((node) => node.start()));
    await triggerTimes(MISSED);
    await statistics.config('RESETSTAT');
    await crowd.come();
    await crowd.all('replies', 'recovered true', ARRIVE_WITHIN_MS);
    await crowd.all('received', offsetsTo(SEEN + MISSED), 10_000);

    const reads = await historyReads();
    expect(reads).toBeGreaterThan(0);
    expect(reads).toBeLessThanOrEqual(NODES);
    for (const { pid } of world.nodes) expect(peakMemoryMiB(pid)).toBeLessThan(MOST_MEMORY_MIB);

    const { url } = world.node(0);
    await waitFor(
      async () => (await storedSubscribers(url, 'crowded')) === CLIENTS,
      'the sweep of what the killed nodes had stored',
      4 * LEASE_MS,
    );
    expect((await trigger(url, 'crowded')).subscribers).toBe(CLIENTS);
    await crowd.all('received', offsetsTo(SEEN + MISSED + 1), 10_000);
  });
});
