import { HubError } from '@ringback/contract';
import type { Log } from '@ringback/core';
import { Cluster, type Redis } from 'ioredis';
import type { RedisConnection } from './redis-connection.js';

const OLDEST_MAJOR = 7;

/** Refuses servers that are too old, or that would evict what the hub has promised to keep. */
export async function checkServers(connection: RedisConnection, log: Log): Promise<void> {
  const servers = connection instanceof Cluster ? connection.nodes('master') : [connection];
  await Promise.all(servers.map((server) => checkServer(server, log)));
}

async function checkServer(server: Redis, log: Log): Promise<void> {
  const version = /redis_version:(\S+)/.exec(await server.info('server'))?.[1] ?? '';
  if (!(Number.parseInt(version, 10) >= OLDEST_MAJOR)) {
    throw new HubError('internal', `Redis ${version} is too old: the hub needs 7.0.`);
  }
  await checkDatabase(server, log);
  const memory = await readMemoryPolicy(server, log);
  if (memory && memory.limit !== '0' && memory.policy !== 'noeviction') {
    throw new HubError(
      'internal',
      `Redis may evict keys (${memory.policy}): set maxmemory-policy to noeviction.`,
    );
  }
}

/** A database that there is not is no error of the connection: it would go on with the first one, unnoticed. */
async function checkDatabase(server: Redis, log: Log): Promise<void> {
  const wanted = server.options.db ?? 0;
  if (wanted === 0) return;
  try {
    await server.select(wanted);
  } catch (error) {
    log.warn('redis database not selected', { database: wanted, error });
    throw new HubError('internal', `Redis has no database ${wanted}.`, { cause: error });
  }
}

async function readMemoryPolicy(
  server: Redis,
  log: Log,
): Promise<{ readonly limit: string | undefined; readonly policy: string | undefined } | undefined> {
  try {
    const limit = await server.config('GET', 'maxmemory');
    const policy = await server.config('GET', 'maxmemory-policy');
    return { limit: limit[1], policy: policy[1] };
  } catch (error) {
    // Managed Redis forbids CONFIG, or does not know it.
    log.warn('redis does not tell its memory policy; it has to be noeviction', { error });
    return undefined;
  }
}
