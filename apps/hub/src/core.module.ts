import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TokenAccess } from '@ringback/access-token';
import { Hub, type AccessPolicy, type Log } from '@ringback/core';
import { MemoryCluster, OpenAccess, SystemClock } from '@ringback/memory';
import { readVersion } from '@ringback/platform';
import { BRIDGE_GRANT } from './bridges.js';
import type { ClusterPorts } from './cluster-ports.js';
import type { Config } from './config.js';
import type { NodeParts } from './node-parts.js';
import { openRedisPorts } from './redis-ports.js';

/** With Redis, a node of a cluster; without, a cluster of one in memory. */
export async function openPorts(config: Config, log: Log): Promise<ClusterPorts> {
  if (config.redis) return openRedisPorts(config.redis, config, log);
  const { history, leaseMs, sessionTtlMs, limits } = config;
  const { sessionsAway } = limits;
  return {
    ...new MemoryCluster({ history, leaseMs, sessionTtlMs, sessionsAway }).node(),
    healthy: () => true,
    close: () => Promise.resolve(),
  };
}

/** Builds the hub. The one place that picks adapters. */
@Global()
@Module({})
export class CoreModule {
  static forRoot(parts: NodeParts): DynamicModule {
    return {
      module: CoreModule,
      providers: [{ provide: Hub, useFactory: () => buildHub(parts) }],
      exports: [Hub],
    };
  }
}

function buildHub({ config, ports, log, metrics, address }: NodeParts): Hub {
  const access = pickAccess(config, log);
  const { nodeId, limits, leaseMs } = config;
  const hub = new Hub(
    { ...ports, access, clock: new SystemClock(), log, metrics },
    {
      nodeId,
      version: readVersion(),
      limits,
      leaseMs,
      // With port 0 it is known only once the server listens, which is before the hub joins the cluster and tells it.
      get address() {
        return address();
      },
    },
  );
  metrics.readFigures(() => hub.figures());
  return hub;
}

function pickAccess({ accessTokens }: Config, log: Log): AccessPolicy {
  if (accessTokens) return new TokenAccess([...accessTokens, BRIDGE_GRANT]);
  log.warn('authentication disabled: RINGBACK_ACCESS_TOKENS is not set');
  return new OpenAccess();
}
