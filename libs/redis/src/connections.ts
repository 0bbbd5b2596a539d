import { TurnBudget } from '@ringback/async';
import type { Log } from '@ringback/core';
import { closeConnection } from './close-connection.js';
import { ClusterFormat } from './cluster-format.js';
import { DurableBytes } from './durable-bytes.js';
import { logErrors } from './connection-errors.js';
import { makeCluster, makeConnection } from './connection-options.js';
import { preflight } from './preflight.js';
import { COMMAND_TIMEOUT_MS, type RedisConnection } from './redis-connection.js';
import { RedisKeys } from './redis-keys.js';
import { parseRedisUrl } from './redis-url.js';
import { nodeRights, type RedisRights } from './rights.js';
import { Shards } from './shards.js';
import { startProblem } from './start-problem.js';
import { UnreadableEntries } from './unreadable-entries.js';
import { ClusterTopology, OneServer, type Topology } from './topology.js';
import type { RedisAddress, RedisServer } from './url-parts.js';

export interface RedisOptions {
  /** `redis://` or `rediss://`; a comma list is a Redis Cluster; `redis+sentinel://` names sentinels and their master. */
  readonly url: string;
  /** Common start of all keys of the cluster of nodes; no braces. Default `rb`. */
  readonly prefix?: string;
  /** What the user of Redis has to be allowed to do; by default what a node needs. */
  readonly rights?: RedisRights;
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
  /** For commands whose number grows with what a node holds. */
  readonly turns: TurnBudget;
  readonly unreadable: UnreadableEntries;
  /** What the durable sessions of each identity keep. */
  readonly durable: DurableBytes;
  readonly log: Log;
  close(): Promise<void>;
}

/**
 * Connects and checks that the servers are fit. Rejects with `relay-unavailable` if they cannot be reached, with `internal` if they are too old, may evict
 * keys, deny a right, refuse to write, or hold a cluster of another format; the message is a sentence for whoever starts it.
 */
export async function connectRedis(options: RedisOptions): Promise<RedisConnections> {
  const keys = new RedisKeys(options.prefix ?? 'rb');
  const address = parseRedisUrl(options.url);
  await preflight(address, options.rights ?? nodeRights(keys), options.log);
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
    await reachMasters(topology);
    await format.check();
  } catch (error) {
    await close();
    throw startProblem(error, address);
  }
  const turns = new TurnBudget();
  const unreadable = new UnreadableEntries(commands, options.log);
  const { log } = options;
  const durable = new DurableBytes({ commands, keys, turns, unreadable, log });
  return { commands, subscriber, shards, topology, keys, format, turns, unreadable, durable, log, close };
}

/** The connections to the masters of a Cluster are made with their first command: from now on none is refused because its is only being made. */
async function reachMasters(topology: Topology): Promise<void> {
  await Promise.all([...topology.masters()].map(async (master) => topology.commands(master)?.ping()));
}

interface Opened {
  readonly commands: RedisConnection;
  readonly subscriber: RedisConnection;
  readonly topology: Topology;
}

function open(address: RedisAddress, log: Log): Opened {
  const [only, ...others] = address.servers;
  const isOne = address.sentinel !== undefined || others.length === 0;
  return only && isOne ? openServer(address, only, log) : openCluster(address, log);
}

function openServer(address: RedisAddress, server: RedisServer, log: Log): Opened {
  const commands = makeConnection(address, server, {
    enableOfflineQueue: false,
    commandTimeout: COMMAND_TIMEOUT_MS,
  });
  const subscriber = makeConnection(address, server, { enableOfflineQueue: false });
  logErrors(commands, 'commands', log);
  logErrors(subscriber, 'subscriber', log);
  return { commands, subscriber, topology: new OneServer(commands, subscriber) };
}

function openCluster(address: RedisAddress, log: Log): Opened {
  const cluster = makeCluster(address);
  logErrors(cluster, 'commands', log);
  const topology = new ClusterTopology(cluster, (host, port) => {
    const subscriber = makeConnection(address, { host, port }, { lazyConnect: false });
    logErrors(subscriber, 'subscriber', log);
    return subscriber;
  });
  return { commands: cluster, subscriber: cluster, topology };
}
