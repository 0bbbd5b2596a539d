import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeSignalRAcross } from './scenarios/signalr-across.js';
import { describeSignalRFlood } from './scenarios/signalr-flood.js';
import { describeSignalRMultisender } from './scenarios/signalr-multisender.js';
import { describeSignalROperators } from './scenarios/signalr-operators.js';
import { describeSignalRExtended } from './scenarios/signalr-extended.js';
import { describeSignalRStateful } from './scenarios/signalr-stateful.js';
import { describeSignalRWays } from './scenarios/signalr-ways.js';
import { startRedis, type RunningRedis } from './support/redis-servers.js';
import { World } from './support/world.js';

describe('SignalR at three nodes behind a round-robin load balancer', () => {
  let redis: RunningRedis;
  let world: World;

  beforeAll(async () => {
    redis = await startRedis();
    world = await World.start({
      redisUrl: redis.url,
      nodes: 3,
      env: { RINGBACK_SIGNALR_EVENT_HUB_PATHS: '/Old/Alias' },
    });
  });
  afterAll(async () => {
    await world.close();
    await redis.close();
  });

  describeSignalRWays(() => world);
  describeSignalRAcross(() => world);
  describeSignalRExtended(() => world);
  describeSignalROperators(() => world);
  describeSignalRStateful(() => world);
  describeSignalRMultisender(() => world);
});

describe('SignalR at one node in memory', () => {
  describeSignalRFlood();
});
