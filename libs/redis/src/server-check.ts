import { delay } from '@ringback/async';
import { HubError } from '@ringback/contract';
import type { Log } from '@ringback/core';
import type { Redis } from 'ioredis';

const OLDEST_MAJOR = 7;
const LOADING_PAUSE_MS = 250;

/** What kind of server the URL says that it is. */
export type RedisMode = 'standalone' | 'cluster';

/**
 * Refuses a server that is too old, of another mode, a replica, or that would evict what the hub has promised to keep: rejects with `internal`. Waits while
 * it loads its data.
 */
export async function checkServer(server: Redis, mode: RedisMode, log: Log): Promise<void> {
  const info = await readInfo(server, log);
  const version = info.get('redis_version') ?? '';
  if (!(Number.parseInt(version, 10) >= OLDEST_MAJOR))
    throw new HubError('internal', `Redis ${version} is too old: the hub needs 7.0.`);
  checkMode(info.get('redis_mode'), mode);
  checkRole(server, info);
  await checkDatabase(server, log);
  await checkMemoryPolicy(server, log);
}

async function readInfo(server: Redis, log: Log): Promise<ReadonlyMap<string, string>> {
  for (let attempt = 0; ; attempt++) {
    const lines = (await server.info()).split('\r\n');
    const info = new Map(lines.map((line) => line.split(/:(.*)/) as [string, string]));
    if (info.get('loading') !== '1') return info;
    if (attempt === 0) log.info('redis loads its data, waiting');
    await delay(LOADING_PAUSE_MS);
  }
}

function checkMode(found: string | undefined, wanted: RedisMode): void {
  if (found === 'sentinel')
    throw new HubError(
      'internal',
      'The Redis URL names a sentinel: write redis+sentinel://host:port/name, with the name of the master.',
    );
  if (found === 'cluster' && wanted === 'standalone')
    throw new HubError(
      'internal',
      'The Redis URL names one server, and that is of a Redis Cluster: name several of its servers, separated by commas, or this one twice.',
    );
}

/** A writable replica would lose what is written to it with the next synchronisation. */
function checkRole({ options }: Redis, info: ReadonlyMap<string, string>): void {
  if (info.get('role') !== 'slave') return;
  const master = `${info.get('master_host')}:${info.get('master_port')}`;
  throw new HubError(
    'internal',
    `Redis at ${options.host}:${options.port} is a replica of ${master} (READONLY): name its master, or the sentinels that know it.`,
  );
}

/** A database that there is not is no error of the connection: it would go on with the first one, unnoticed. */
async function checkDatabase(server: Redis, log: Log): Promise<void> {
  const wanted = server.options.db ?? 0;
  if (wanted === 0) return;
  try {
    await server.select(wanted);
  } catch (error) {
    log.warn('redis database not selected', { database: wanted, error });
    if (error instanceof Error && error.message.startsWith('NOPERM')) throw error;
    throw new HubError('internal', `Redis has no database ${wanted}.`, { cause: error });
  }
}

async function checkMemoryPolicy(server: Redis, log: Log): Promise<void> {
  const memory = await readMemoryPolicy(server, log);
  if (!memory || memory.limit === '0' || memory.policy === 'noeviction') return;
  throw new HubError(
    'internal',
    `Redis may evict keys (${memory.policy}): set maxmemory-policy to noeviction.`,
  );
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
