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

/** As many as a machine with clients and hub on two cores takes in: their pace is not what is looked at. */
const HELD = 20_000;
const PER_SECOND = 400;

/** What is shown in each run; the full size, 20,000 and 10,000, takes minutes. */
const SIZE = Number(process.env['CROWD'] ?? 5_000);

/** What is wanted, or what the descriptors of one process allow. */
const fitting = (wanted: number, socketsEach = 1): number =>
  Math.min(wanted, Math.floor((mostOpenFiles() - RESERVE) / socketsEach));

describe('a crowd, with the limits by default', () => {
  let closing: (() => Promise<unknown> | void)[] = [];

  afterEach(async () => {
    const begun = closing.toReversed();
    closing = [];
    for (const close of begun) await close();
  });

  async function come(urls: readonly string[], size: number, perSecond?: number): Promise<CrowdReport> {
    const crowd = Crowd.start(urls, 'crowded', size);
    closing.push(() => crowd.close());
    await crowd.come(perSecond);
    await crowd.all('replies', 'accepted', ARRIVE_WITHIN_MS);
    await trigger(urls[0]!, 'crowded');
    return crowd.all('received', '1', ARRIVE_WITHIN_MS);
  }

  it.each([
    [SIZE, 'comes at once', undefined],
    [HELD, 'comes within a minute', PER_SECOND],
  ])('of %i that %s from one address is taken in, and nobody refused', async (wanted, _, perSecond) => {
    const world = await World.start({ nodes: 1 });
    closing.push(() => world.close());
    const { url } = world.node(0);
    const urls = Array.from({ length: PARTS }, () => url);
    const report = await come(urls, fitting(wanted), perSecond);
    expect(report.turnedAway).toEqual({});
  });

  it(`of ${SIZE / 2} that comes at once through a load balancer is taken in, and nobody refused`, async () => {
    const redis = await startOwnRedis(['--appendonly', 'no']);
    closing.push(() => redis.close());
    const world = await World.start({ redisUrl: redis.url, nodes: 2, balancers: 2 });
    closing.push(() => world.close());
    const size = 2 * fitting(SIZE / 4, 2);
    const report = await come(world.urls, size);
    expect(report.turnedAway).toEqual({});
  });
});
