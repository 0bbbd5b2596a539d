import { afterAll, beforeAll, describe, jest } from '@jest/globals';
import {
  describeClaims,
  describeClusterKey,
  describeLeaseStore,
  describePeers,
  describeRecordStore,
  describeRelay,
  describeSessionStore,
  describeSubscriptionStore,
} from '@ringback/conformance';
import { RedisPortCluster } from '../../../test/support/redis-port-cluster.js';
import { startOwnRedis, type RestartableRedis } from '../../../test/support/redis-servers.js';

// Each restart of real servers takes its time, a cluster's about two seconds.
jest.setTimeout(60_000);

describe('one Redis server', () => {
  let redis: RestartableRedis;

  beforeAll(async () => {
    redis = await startOwnRedis();
  });

  afterAll(async () => {
    await redis.close();
  });

  describeRelay('RedisRelay', async (options) => new RedisPortCluster(redis, options));
  describeSubscriptionStore(
    'RedisSubscriptionStore',
    async (options) => new RedisPortCluster(redis, options),
  );
  describeSessionStore('RedisSessionStore', async (options) => new RedisPortCluster(redis, options));
  describePeers('RedisPeers', async (options) => new RedisPortCluster(redis, options));
  describeClaims('RedisClaims', async (options) => new RedisPortCluster(redis, options));
  describeClusterKey('RedisClusterKey', async (options) => new RedisPortCluster(redis, options));
  describeRecordStore('RedisRecordStore', async (options) => new RedisPortCluster(redis, options));
  describeLeaseStore('RedisLeaseStore', async (options) => new RedisPortCluster(redis, options));
});
