import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { EDGE_WAYS } from './scenarios/edge-ways.js';
import { EDGE_HUB_ENV } from './support/edge-hub-env.js';
import { Edge } from './support/edge.js';
import { startRedis, type RunningRedis } from './support/redis-servers.js';
import { World } from './support/world.js';

/** All the others stand in the matrix. */
describe('three nodes behind nginx as in docs/edge', () => {
  let redis: RunningRedis;
  let world: World;
  let edge: Edge | undefined;

  beforeAll(async () => {
    redis = await startRedis();
    world = await World.start({ redisUrl: redis.url, nodes: 3, balancers: 0, env: EDGE_HUB_ENV });
  });
  afterEach(() => edge?.close());
  afterAll(async () => {
    await world.close();
    await redis.close();
  });

  it('serve every gateway over every transport, with TLS and below a path', async () => {
    edge = await Edge.start('nginx', world);
    const found: unknown[] = [];
    for (const [gateway, transport, way] of EDGE_WAYS)
      found.push([gateway, transport, await way(`${edge.tls}/apps/ring`)]);
    expect(found).toEqual(EDGE_WAYS.map(([gateway, transport]) => [gateway, transport, 'yes']));
  });
});
