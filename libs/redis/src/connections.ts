import type { Log } from '@ringback/core';
import { Cluster, Redis, type ClusterOptions } from 'ioredis';
import { COMMAND_TIMEOUT_MS, unavailable, type RedisConnection } from './redis-connection.js';
import { logErrors } from './connection-errors.js';
import { RedisKeys } from './redis-keys.js';
import { parseRedisUrl, type RedisAddress } from './redis-url.js';
import { checkServers } from './server-check.js';

export interface RedisOptions {
  /** `redis://` or `rediss://`; a comma list is a Redis Cluster. */
  readonly url: string;
  /** Common start of all keys of the cluster of nodes; no braces. Default `rb`. */
  readonly prefix?: string;
  readonly log: Log;
}

/** What the adapters of one node share. Whoever made it closes it. */
export interface RedisConnections {
  readonly commands: RedisConnection;
  /** For channels alone: it has no timeout and follows again after it was away. */
  readonly subscriber: RedisConnection;
  readonly keys: RedisKeys;
  readonly log: Log;
  close(): Promise<void>;
}

/** What is common to a single connection and to those of a Cluster. */
type SharedOptions = Omit<NonNullable<ClusterOptions['redisOptions']>, 'replyMapping' | 'Connector'>;

const LONGEST_BACK_OFF_MS = 2_000;
/** A Cluster without any node left never says that it has ended. */
const LONGEST_CLOSE_MS = 1_000;
const TOPOLOGY_CHECK_MS = 2_000;

/**
 * Connects and checks that the servers are fit. Rejects with `relay-unavailable` if they cannot be reached, with
 * `internal` if they are too old or may evict keys.
 */
export async function connectRedis(options: RedisOptions): Promise<RedisConnections> {
  const keys = new RedisKeys(options.prefix ?? 'rb');
  const address = parseRedisUrl(options.url);
  const commands = open(address, { commandTimeout: COMMAND_TIMEOUT_MS });
  const subscriber = open(address, {});
  logErrors(commands, 'commands', options.log);
  logErrors(subscriber, 'subscriber', options.log);
  const close = () => closeAll([commands, subscriber]);
  try {
    await Promise.all([commands.connect(), subscriber.connect()]);
    await checkServers(commands, options.log);
  } catch (error) {
    await close();
    throw unavailable(error);
  }
  return { commands, subscriber, keys, log: options.log, close };
}

function open(address: RedisAddress, timeouts: SharedOptions): RedisConnection {
  const common: SharedOptions = {
    ...address.options,
    ...timeouts,
    // A command whose reply was lost may have been executed: only the caller, with a key, may repeat it.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // Following again is ours: ioredis would leave a rejection of it unhandled, which ends the process.
    autoResubscribe: false,
    connectTimeout: COMMAND_TIMEOUT_MS,
    // A master that became a replica answers like this until the connection is made anew.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
  const [only, ...others] = address.servers;
  if (only && others.length === 0) {
    const retryStrategy = backOff;
    return new Redis({ ...common, ...only, retryStrategy, enableOfflineQueue: false, lazyConnect: true });
  }
  return openCluster(address, common);
}

function openCluster(address: RedisAddress, common: SharedOptions): Cluster {
  return new Cluster([...address.servers], {
    redisOptions: common,
    lazyConnect: true,
    enableOfflineQueue: false,
    shardedSubscribers: true,
    // 0: no retry of what may have been executed. Redirections are safe, they were not.
    retryDelayOnFailover: 0,
    slotsRefreshInterval: TOPOLOGY_CHECK_MS,
    clusterRetryStrategy: backOff,
    clusterNodeRetryStrategy: backOff,
    // Certificates name hosts: what CLUSTER SLOTS answers must reach TLS unresolved.
    ...(address.options.tls
      ? { dnsLookup: (host: string, done: (error: null, address: string) => void) => done(null, host) }
      : {}),
  });
}

function backOff(attempt: number): number {
  const delay = Math.min(50 * 2 ** Math.min(attempt - 1, 10), LONGEST_BACK_OFF_MS);
  return delay * (0.5 + Math.random() / 2);
}

async function closeAll(connections: readonly RedisConnection[]): Promise<void> {
  await Promise.all(connections.map(closeOne));
}

async function closeOne(connection: RedisConnection): Promise<void> {
  // Between two attempts there is no socket whose end would be told.
  const open = !['end', 'reconnecting', 'wait'].includes(connection.status);
  const ended = new Promise<void>((resolve) => {
    connection.once('end', resolve);
    setTimeout(resolve, LONGEST_CLOSE_MS).unref();
  });
  connection.disconnect();
  if (open) await ended;
}
