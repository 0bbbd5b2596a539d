import { Hub, type AccessPolicy, type Log, type Metrics, type Tracer } from '@ringback/core';
import { SystemClock } from '@ringback/memory';
import type { ClusterPorts } from './cluster-ports.js';
import type { CompleteOptions } from './ringback.options.js';

/** What the application around a hub gives it. */
interface HubSurroundings {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tracer: Tracer | null;
  readonly address: () => string;
}

/** The hub from its parts. `address` says where the other nodes reach this one: with port 0 that is known only once the server listens. */
export function buildHub(
  options: CompleteOptions,
  ports: ClusterPorts,
  access: AccessPolicy,
  { log, metrics, tracer, address }: HubSurroundings,
): Hub {
  const { nodeId, version, limits, leaseMs } = options;
  return new Hub(
    { ...ports, access, clock: new SystemClock(), log, metrics, ...(tracer && { tracer }) },
    {
      nodeId,
      version,
      limits,
      leaseMs,
      residentBytes,
      get address() {
        return address();
      },
    },
  );
}

/** All that V8 and Node have taken for objects, texts and buffers; a part of it may be garbage. The external memory has the buffers in it. */
function residentBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
