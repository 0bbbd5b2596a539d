import type { Limits } from '@ringback/contract';
import type { Log } from '@ringback/core';

/** Descriptors beside those of clients: Redis, bridges, files, pages that operators look at. */
const RESERVE = 1_000;

/** Logs a warning if the process may have fewer files and sockets open than its connections need; `undefined` is no limit. */
export function warnOfFileLimit(
  { connectionsPerNode, pendingConnections }: Pick<Limits, 'connectionsPerNode' | 'pendingConnections'>,
  log: Log,
  fileLimit: number | undefined,
): void {
  const needed = connectionsPerNode + pendingConnections + RESERVE;
  if (fileLimit === undefined || fileLimit >= needed) return;
  log.warn(
    'fewer open files allowed than the connections need: raise ulimit -n, or lower RINGBACK_CONNECTIONS_PER_NODE',
    {
      fileLimit,
      needed,
    },
  );
}
