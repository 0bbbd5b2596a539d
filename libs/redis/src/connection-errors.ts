import type { Log } from '@ringback/core';
import type { RedisConnection } from './redis-connection.js';

const INTERVAL_MS = 10_000;

/** Logs the errors of a connection that no command reports, at most one line in ten seconds. */
export function logErrors(connection: RedisConnection, role: 'commands' | 'subscriber', log: Log): void {
  let nextAt = 0;
  let unlogged = 0;
  const onError = (error: unknown): void => {
    if (Date.now() < nextAt) {
      unlogged++;
      return;
    }
    nextAt = Date.now() + INTERVAL_MS;
    log.warn('redis connection failed', { role, error, unlogged });
    unlogged = 0;
  };
  // A Cluster has three names for it; without a listener the first would end the process.
  for (const name of ['error', 'node error', 'nodeError']) connection.on(name, onError);
}
