import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis';
import { COMMAND_TIMEOUT_MS } from './redis-connection.js';
import { MasterConnector } from './sentinel-connector.js';
import { SocketConnector } from './socket-connector.js';
import type { RedisAddress, RedisServer } from './url-parts.js';

/** What is common to a single connection and to those of a Cluster. */
type SharedOptions = Omit<NonNullable<ClusterOptions['redisOptions']>, 'replyMapping' | 'Connector'>;

type Connector = NonNullable<RedisOptions['Connector']>;

type ConnectionOptions = Omit<RedisOptions, 'replyMapping' | 'Connector'>;

/** The types of the library know nothing of a connector for the connections of a Cluster. */
const CONNECTOR = { Connector: SocketConnector } as object;

const LONGEST_BACK_OFF_MS = 2_000;
/** A peer that is silent does not answer a goodbye either. */
const LONGEST_GOODBYE_MS = 200;
const TOPOLOGY_CHECK_MS = 2_000;
/** A sentinel that hangs is passed over. */
const SENTINEL_TIMEOUT_MS = 1_000;

/** A connection to one server, which is made with the first `connect` and made anew whenever it is lost. */
export function makeConnection(address: RedisAddress, server: RedisServer, more: ConnectionOptions): Redis {
  return new Redis({
    ...sharedOptions(address),
    Connector: (address.sentinel ? MasterConnector : SocketConnector) as Connector,
    ...(address.sentinel ? sentinelOptions(address) : server),
    retryStrategy: backOff,
    lazyConnect: true,
    ...more,
  });
}

export function makeCluster(address: RedisAddress, more: SharedOptions = {}): Cluster {
  return new Cluster([...address.servers], {
    redisOptions: { ...sharedOptions(address), ...CONNECTOR, commandTimeout: COMMAND_TIMEOUT_MS, ...more },
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
    // One right less that a user of Redis needs.
    disableClientInfo: true,
    // A master that became a replica answers like this until the connection is made anew.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
}

function sentinelOptions({ servers, sentinel, options: { tls } }: RedisAddress): ConnectionOptions {
  return {
    sentinels: [...servers],
    name: sentinel?.name ?? '',
    ...(sentinel?.username !== undefined && { sentinelUsername: sentinel.username }),
    ...(sentinel?.password !== undefined && { sentinelPassword: sentinel.password }),
    ...(tls && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
    sentinelCommandTimeout: SENTINEL_TIMEOUT_MS,
    sentinelRetryStrategy: backOff,
    sentinelReconnectStrategy: backOff,
    // Without it a master that hangs keeps its connections.
    failoverDetector: true,
  };
}

function backOff(attempt: number): number {
  const delay = Math.min(50 * 2 ** Math.min(attempt - 1, 10), LONGEST_BACK_OFF_MS);
  return delay * (0.5 + Math.random() / 2);
}
