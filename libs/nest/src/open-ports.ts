import type { Log } from '@ringback/core';
import { MemoryCluster } from '@ringback/memory';
import type { ClusterPorts } from './cluster-ports.js';
import { openRedisPorts } from './redis-ports.js';
import { completeOptions, type CompleteOptions, type RingbackOptions } from './ringback.options.js';

/**
 * Opens what a node with these options would open, to be provided as `CLUSTER_PORTS`: for applications that go on when Nest cannot make them, and have to
 * close it then. Rejects with `StartupError`.
 */
export function openClusterPorts(options: RingbackOptions, log: Log): Promise<ClusterPorts> {
  return openPorts(completeOptions(options), log);
}

/**
 * Opens what binds the nodes together: with Redis, a node of a cluster; without, a cluster of one in memory. The one place that picks adapters. Rejects
 * with `StartupError`.
 */
export async function openPorts(options: CompleteOptions, log: Log): Promise<ClusterPorts> {
  if (options.redis) return openRedisPorts(options.redis, options, log);
  const { history, leaseMs, sessionTtlMs, limits } = options;
  const cluster = new MemoryCluster({ history, leaseMs, sessionTtlMs, ...limits });
  return {
    ...cluster.node(),
    memoryUse: () => cluster.memoryUse,
    durableBytes: () => cluster.durableBytes,
    healthy: () => true,
    close: () => Promise.resolve(),
  };
}
