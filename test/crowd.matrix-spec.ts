import { afterEach, describe, expect, it } from '@jest/globals';
import { Crowd, type CrowdReport } from './support/crowd.js';
import { trigger } from './support/http.js';
import { mostOpenFiles } from './support/processes.js';
import { startOwnRedis } from './support/redis-servers.js';
import { World } from './support/world.js';

/** For what is no client's: Redis, checks, files. */
const RESERVE = 500;

/** Each part of a crowd is a process of its own. */
const PARTS = 4;

/** The machine may be busy, and the clients cost more than the hub. */
const ARRIVE_WITHIN_MS = 300_000;

/** What is shown in each run; the full size, 20,000 and 10,000, takes minutes. */
const SIZE = Number(process.env['CROWD'] ?? 5_000);

/** What is wanted, or what the descriptors of one process allow. */
const fitting = (wanted: number, socketsEach = 1): number =>
  Math.min(wanted, Math.floor((mostOpenFiles() - RESERVE) / socketsEach));

describe('a crowd that comes at once, with the limits by default', () => {
  let closing: (() => Promise<unknown> | void)[] = [];

  afterEach(async () => {
    const begun = closing.toReversed();
    closing = [];
    for (const close of begun) await close();
  });

  async function come(urls: readonly string[], size: number): Promise<CrowdReport> {
    const crowd = Crowd.start(urls, 'crowded', size);
    closing.push(() => crowd.close());
    await crowd.come();
    await crowd.all('replies', 'accepted', ARRIVE_WITHIN_MS);
    await trigger(urls[0]!, 'crowded');
    return crowd.all('received', '1', ARRIVE_WITHIN_MS);
  }

  it(`of ${SIZE} from one address is taken in, and nobody refused`, async () => {
    const world = await World.start({ nodes: 1 });
    closing.push(() => world.close());
    const { url } = world.node(0);
    const size = fitting(SIZE);
    const report = await come(
      Array.from({ length: PARTS }, () => url),
      size,
    );
    expect(report.turnedAway).toEqual({});
  });

  it(`of ${SIZE / 2} through a load balancer is taken in, and nobody refused`, async () => {
    const redis = await startOwnRedis(['--appendonly', 'no']);
    closing.push(() => redis.close());
    const world = await World.start({ redisUrl: redis.url, nodes: 2, balancers: 2 });
    closing.push(() => world.close());
    const size = 2 * fitting(SIZE / 4, 2);
    const report = await come(world.urls, size);
    expect(report.turnedAway).toEqual({});
  });
});
