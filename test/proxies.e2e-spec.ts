import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeSdk } from './scenarios/sdk.js';
import { describeSignalRWays } from './scenarios/signalr-ways.js';
import { describeTransports } from './scenarios/transports.js';
import { startRedis, type RunningRedis } from './support/redis-servers.js';
import { World } from './support/world.js';

/** The other system tests go through haproxy. */
describe('three nodes behind nginx, round robin', () => {
  let redis: RunningRedis;
  let world: World;

  beforeAll(async () => {
    redis = await startRedis();
    const env = { RINGBACK_SIGNALR_EVENT_HUB_PATHS: '/Old/Alias' };
    world = await World.start({ redisUrl: redis.url, nodes: 3, balancer: 'nginx', env });
  });
  afterAll(async () => {
    await world.close();
    await redis.close();
  });

  describeTransports(() => world);
  describeSignalRWays(() => world);
  describeSdk(() => world);
});
