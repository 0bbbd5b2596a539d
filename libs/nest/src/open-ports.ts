import type { Log } from '@ringback/core';
import { MemoryCluster } from '@ringback/memory';
import type { ClusterPorts } from './cluster-ports.js';
import { openRedisPorts } from './redis-ports.js';
import type { CompleteOptions } from './ringback.options.js';

/**
 * Opens what binds the nodes together: with Redis, a node of a cluster; without, a cluster of one in memory. The one place that picks adapters. Rejects
 * with `StartupError`.
 */
export async function openPorts(options: CompleteOptions, log: Log): Promise<ClusterPorts> {
  if (options.redis) return openRedisPorts(options.redis, options, log);
  const { history, leaseMs, sessionTtlMs, limits } = options;
  const { sessionsAway } = limits;
  return {
    ...new MemoryCluster({ history, leaseMs, sessionTtlMs, sessionsAway }).node(),
    healthy: () => true,
    close: () => Promise.resolve(),
  };
}
