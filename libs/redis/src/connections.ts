import type { Log } from '@ringback/core';
import { Cluster, Redis, type ClusterOptions } from 'ioredis';
import { ClusterFormat } from './cluster-format.js';
import { COMMAND_TIMEOUT_MS, unavailable, type RedisConnection } from './redis-connection.js';
import { closeConnection } from './close-connection.js';
import { logErrors } from './connection-errors.js';
import { RedisKeys } from './redis-keys.js';
import { parseRedisUrl, type RedisAddress } from './redis-url.js';
import { checkServers } from './server-check.js';
import { Shards } from './shards.js';
import { ClusterTopology, OneServer, type Topology } from './topology.js';

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
  /** For channels; of a Cluster the same as `commands`, which keeps connections of its own for them. */
  readonly subscriber: RedisConnection;
  /** Through which the relay hears; of a Cluster with connections of its own, made once somebody listens. */
  readonly shards: Shards;
  /** Which master serves what. */
  readonly topology: Topology;
  readonly keys: RedisKeys;
  readonly format: ClusterFormat;
  readonly log: Log;
  close(): Promise<void>;
}

/** What is common to a single connection and to those of a Cluster. */
type SharedOptions = Omit<NonNullable<ClusterOptions['redisOptions']>, 'replyMapping' | 'Connector'>;

type RedisServer = RedisAddress['servers'][number];

const LONGEST_BACK_OFF_MS = 2_000;
/** A peer that is silent does not answer a goodbye either. */
const LONGEST_GOODBYE_MS = 200;
const TOPOLOGY_CHECK_MS = 2_000;
const ONE_SERVER = { retryStrategy: backOff, lazyConnect: true };

/**
 * Connects and checks that the servers are fit. Rejects with `relay-unavailable` if they cannot be reached, with
 * `internal` if they are too old, may evict keys, or hold a cluster of another format.
 */
export async function connectRedis(options: RedisOptions): Promise<RedisConnections> {
  const keys = new RedisKeys(options.prefix ?? 'rb');
  const address = parseRedisUrl(options.url);
  const { commands, subscriber, topology } = open(address, options.log);
  const shards = new Shards(topology, topology instanceof OneServer, keys, options.log);
  const format = new ClusterFormat(commands, keys);
  const all = [...new Set([commands, subscriber])];
  const close = async () => {
    await shards.close();
    await Promise.all(all.map(closeConnection));
  };
  try {
    await Promise.all(all.map((connection) => connection.connect()));
    await checkServers(commands, options.log);
    await format.check();
  } catch (error) {
    await close();
    throw unavailable(error);
  }
  return { commands, subscriber, shards, topology, keys, format, log: options.log, close };
}

interface Opened {
  readonly commands: RedisConnection;
  readonly subscriber: RedisConnection;
  readonly topology: Topology;
}

function open(address: RedisAddress, log: Log): Opened {
  const [only, ...others] = address.servers;
  return only && others.length === 0 ? openServer(address, only, log) : openCluster(address, log);
}

function openServer(address: RedisAddress, server: RedisServer, log: Log): Opened {
  const common = { ...sharedOptions(address), ...server, ...ONE_SERVER, enableOfflineQueue: false };
  const commands = new Redis({ ...common, commandTimeout: COMMAND_TIMEOUT_MS });
  const subscriber = new Redis(common);
  logErrors(commands, 'commands', log);
  logErrors(subscriber, 'subscriber', log);
  return { commands, subscriber, topology: new OneServer(commands, subscriber) };
}

function openCluster(address: RedisAddress, log: Log): Opened {
  const cluster = makeCluster(address);
  logErrors(cluster, 'commands', log);
  const topology = new ClusterTopology(cluster, (host, port) => {
    const subscriber = new Redis({
      ...sharedOptions(address),
      host,
      port,
      ...ONE_SERVER,
      lazyConnect: false,
    });
    logErrors(subscriber, 'subscriber', log);
    return subscriber;
  });
  return { commands: cluster, subscriber: cluster, topology };
}

function sharedOptions(address: RedisAddress): SharedOptions {
  return {
    ...address.options,
    // A command whose reply was lost may have been executed: only the caller, with a key, may repeat it.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // Following again is ours: ioredis would leave a rejection of it unhandled, which ends the process.
    autoResubscribe: false,
    connectTimeout: COMMAND_TIMEOUT_MS,
    disconnectTimeout: LONGEST_GOODBYE_MS,
    // A master that became a replica answers like this until the connection is made anew.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
}

function makeCluster(address: RedisAddress): Cluster {
  return new Cluster([...address.servers], {
    redisOptions: { ...sharedOptions(address), commandTimeout: COMMAND_TIMEOUT_MS },
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
