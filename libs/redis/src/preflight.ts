import { withTimeout } from '@ringback/async';
import type { Log } from '@ringback/core';
import { Cluster, type Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { closeConnection } from './close-connection.js';
import { makeCluster, makeConnection } from './connection-options.js';
import { hashSlot } from './hash-slot.js';
import { COMMAND_TIMEOUT_MS, type RedisConnection } from './redis-connection.js';
import { checkRights } from './rights-check.js';
import type { RedisRights } from './rights.js';
import { checkServer } from './server-check.js';
import { NOT_WHOLE, startProblem } from './start-problem.js';
import { masterNode, slotOwners } from './topology.js';
import type { RedisAddress, RedisServer } from './url-parts.js';

/** A Redis Cluster that is not whole is tried again and again by the client library, which says nothing meanwhile. */
const CONNECT_MS = 5_000;

/** For the one connection that is made to find out whether there can be others: it is not made anew, and what is wrong with it is told once. */
const ONCE = { enableReadyCheck: false, reconnectOnError: null } as const;

/**
 * Connects once and checks that all masters are there, fit, and open to this user. Rejects with `relay-unavailable` if they cannot be reached, with `internal`
 * for everything else, in one sentence that says what Redis said.
 */
export async function preflight(address: RedisAddress, rights: RedisRights, log: Log): Promise<void> {
  try {
    const connection = await connect(address);
    try {
      await checkMasters(connection, rights, log);
    } finally {
      await closeConnection(connection);
    }
  } catch (error) {
    throw startProblem(error, address);
  }
}

async function connect(address: RedisAddress): Promise<RedisConnection> {
  const [only, ...others] = address.servers;
  if (only && (others.length === 0 || address.sentinel)) return connectOnce(makeProbe(address, only));
  // A Cluster does not tell why it reaches none of its servers.
  await closeConnection(await connectAny(address));
  return connectOnce(makeCluster(address, ONCE));
}

/** To the first server that lets us; rejects with what the first one said. */
async function connectAny(address: RedisAddress): Promise<Redis> {
  let said: unknown;
  for (const server of address.servers) {
    try {
      return await connectOnce(makeProbe(address, server));
    } catch (error) {
      said ??= error;
    }
  }
  throw said;
}

function makeProbe(address: RedisAddress, server: RedisServer): Redis {
  return makeConnection(address, server, {
    ...ONCE,
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
    failoverDetector: false,
    commandTimeout: COMMAND_TIMEOUT_MS,
  });
}

/** Rejects with the first error of the connection: later ones are only its consequences. */
async function connectOnce<Connection extends RedisConnection>(connection: Connection): Promise<Connection> {
  let said: unknown;
  for (const name of ['error', 'node error']) connection.on(name, (error: unknown) => (said ??= error));
  try {
    await withTimeout(connection.connect(), CONNECT_MS, () => lateError(connection));
    return connection;
  } catch (error) {
    await closeConnection(connection);
    throw said ?? error;
  }
}

function lateError(connection: RedisConnection): Error {
  return new Error(connection instanceof Cluster ? NOT_WHOLE : 'No answer in time');
}

async function checkMasters(connection: RedisConnection, rights: RedisRights, log: Log): Promise<void> {
  const mode = connection instanceof Cluster ? 'cluster' : 'standalone';
  await Promise.all(
    mastersOf(connection).map(async ({ server, tag }) => {
      await checkServer(server, mode, log);
      await checkRights(server, rights, tag);
    }),
  );
}

/** Each master, with a hash tag whose slot it serves. */
function mastersOf(connection: RedisConnection): readonly { readonly server: Redis; readonly tag: string }[] {
  const unique = randomUUID();
  if (!(connection instanceof Cluster)) return [{ server: connection, tag: unique }];
  const owners = slotOwners(connection);
  const masters = new Set(owners.filter((owner) => owner !== undefined));
  return [...masters].flatMap((master) => {
    const server = masterNode(connection, master);
    return server ? [{ server, tag: tagOf(master, owners, unique) }] : [];
  });
}

function tagOf(master: string, owners: readonly (string | undefined)[], unique: string): string {
  for (let attempt = 0; ; attempt++) {
    const tag = `${unique}-${attempt}`;
    if (owners[hashSlot(tag)] === master) return tag;
  }
}
