import { HubError } from '@ringback/contract';
import type { Log } from '@ringback/core';
import { StartupError } from '@ringback/settings';
import {
  connectRedis,
  RedisChannels,
  RedisClaims,
  RedisClusterKey,
  RedisLeaseStore,
  RedisPeers,
  RedisRecordStore,
  RedisRelay,
  RedisSessionStore,
  RedisSubscriptionStore,
  type RedisConnections,
} from '@ringback/redis';
import type { ClusterPorts } from './cluster-ports.js';
import type { CompleteOptions } from './ringback.options.js';

type RedisConfig = NonNullable<CompleteOptions['redis']>;

/** The ports of a node whose cluster meets in Redis. Throws `StartupError` if Redis is not there or not fit. */
export async function openRedisPorts(
  redis: RedisConfig,
  {
    history,
    leaseMs,
    sessionTtlMs,
    limits,
  }: Pick<CompleteOptions, 'history' | 'leaseMs' | 'sessionTtlMs' | 'limits'>,
  log: Log,
): Promise<ClusterPorts> {
  const connections = await connect(redis, log);
  // Of its own, so that what gateways send to each other never stands before envelopes.
  const channelConnections = await connectSecond(redis, log, connections);
  const memory = { history, sessionTtlMs };
  const { sessionsAway, durableBytesPerIdentity } = limits;
  const relay = new RedisRelay(connections, memory);
  return {
    relay,
    subscriptions: new RedisSubscriptionStore(connections, { ...memory, durableBytesPerIdentity }),
    sessions: new RedisSessionStore(connections, { ...memory, sessionsAway }),
    leases: new RedisLeaseStore(connections, { ...memory, leaseMs }),
    peers: new RedisPeers(connections),
    claims: new RedisClaims(connections),
    clusterKey: new RedisClusterKey(connections),
    records: new RedisRecordStore(connections),
    channels: new RedisChannels(channelConnections),
    healthy: () => relay.healthy,
    refusal: () => relay.refusal,
    unreadable: () => connections.unreadable.count,
    durableBytes: () => connections.durable.fullest,
    close: async () => {
      await Promise.all([connections.close(), channelConnections.close()]);
    },
  };
}

async function connectSecond(
  redis: RedisConfig,
  log: Log,
  first: RedisConnections,
): Promise<RedisConnections> {
  try {
    return await connect(redis, log);
  } catch (error) {
    await first.close();
    throw error;
  }
}

async function connect({ url, prefix }: RedisConfig, log: Log): Promise<RedisConnections> {
  try {
    return await connectRedis({ url, prefix, log });
  } catch (error) {
    throw new StartupError(`REDIS_URL: ${HubError.from(error).message}`, { cause: error });
  }
}
