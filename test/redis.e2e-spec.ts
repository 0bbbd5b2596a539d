import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeBadInput } from './scenarios/bad-input.js';
import { describeConnections } from './scenarios/connections.js';
import { describeCookies } from './scenarios/cookies.js';
import { describeMultisender } from './scenarios/multisender.js';
import { describeOneShotRace } from './scenarios/one-shot-race.js';
import { describeOneToOne } from './scenarios/one-to-one.js';
import { describeOrder } from './scenarios/order.js';
import { describeRelayCost } from './scenarios/relay-cost.js';
import { describeSdk } from './scenarios/sdk.js';
import { describeStrangeTexts } from './scenarios/strange-texts.js';
import { describeTransports } from './scenarios/transports.js';
import { startRedis, startRedisCluster } from './support/redis-servers.js';
import { World } from './support/world.js';

const BACKENDS = [
  ['one Redis', startRedis],
  ['a Redis Cluster of three masters', startRedisCluster],
] as const;

describe.each(BACKENDS)('three nodes behind a round-robin load balancer, on %s', (_, startServers) => {
  let servers: Awaited<ReturnType<typeof startServers>>;
  let world: World;

  beforeAll(async () => {
    servers = await startServers();
    world = await World.start({ redisUrl: servers.url, nodes: 3 });
  });
  afterAll(async () => {
    await world.close();
    await servers.close();
  });

  describeMultisender(() => world);
  describeOneToOne(() => world);
  describeCookies(() => world);
  describeOneShotRace(() => world);
  describeOrder(() => world);
  describeStrangeTexts(() => world);
  describeRelayCost(() => world);
  describeTransports(() => world);
  describeConnections(() => world);
  describeSdk(() => world);
  describeBadInput(() => world);
});
