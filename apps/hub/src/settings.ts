import { JWT_SETTINGS } from '@ringback/access-jwt';
import { DEFAULT_LIMITS } from '@ringback/contract';
import { allowAnonymous, allowedHosts, redisUrl, trustedProxies, type LogLevel } from '@ringback/platform';
import { defaulted, formerly, matching, oneOf, optional, share, wholeNumber } from '@ringback/settings';
import { corsOrigins } from './cors-origins.js';
import { historyOverrides } from './history-overrides.js';
import { INBOUND_SETTINGS } from './inbound-settings.js';
import { accessTokens } from './access-tokens.js';
import { anonymousRights } from './anonymous-setting.js';
import { nodeAddress } from './urls.js';

const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const SECOND = 1_000;
const QUARTER_OF_HEAP = 'A quarter of the heap limit of the process.';

/** What a node reads whatever protocols it speaks; those bring their own. docs/configuration.md is generated from both. */
export const NODE_SETTINGS = {
  HOST: defaulted(
    '127.0.0.1',
    matching(/^[0-9A-Za-z.:%_-]+$/, 'an IP address or a host name', {
      doc: 'Address that the node listens on; `0.0.0.0` or `::` listens on all.',
    }),
  ),
  PORT: wholeNumber(8080, 'Port that the node listens on; 0 takes a free one.', { min: 0, max: 65_535 }),
  REDIS_URL: redisUrl({
    doc: 'Redis that the nodes of a cluster share: `redis[s]://[user]:password@host:port[/database]`, the password percent-encoded. A comma list is a Redis Cluster; `redis[s]+sentinel://[user:password@]host:port,host:port/name[/database]` is the master of that name, as its sentinels tell (see [operations.md](operations.md)). `NODE_EXTRA_CA_CERTS` names the file of a CA of your own.',
    absent: 'One node by itself, which keeps everything in its memory.',
    secret: true,
  }),
  RINGBACK_REDIS_PREFIX: formerly(
    'REDIS_PREFIX',
    defaulted(
      'rb',
      matching(/^[0-9A-Za-z_.:-]{1,64}$/, '1–64 of 0-9 A-Z a-z _ . : -', {
        doc: 'Start of every key and channel in Redis. Nodes that share Redis and prefix are one cluster.',
      }),
    ),
  ),
  RINGBACK_NODE_ID: formerly(
    'NODE_ID',
    matching(/^[0-9A-Za-z_-]{1,64}$/, '1–64 of 0-9 A-Z a-z _ -', {
      doc: 'Name of the node, unique in the cluster.',
      absent: 'A random one at each start.',
    }),
  ),
  RINGBACK_NODE_ADDRESS: formerly(
    'NODE_ADDRESS',
    nodeAddress({
      doc: 'How the other nodes reach this one.',
      absent:
        '`http://HOST:PORT`; for a node that listens on all addresses, with the first outside address of its machine.',
    }),
  ),
  RINGBACK_NODE_LEASE_MS: formerly(
    'NODE_LEASE_MS',
    wholeNumber(15_000, 'After so long without a heartbeat a node counts as dead.', {
      min: SECOND,
      max: DAY_MS,
    }),
  ),
  RINGBACK_DRAIN_MS: formerly(
    'DRAIN_MS',
    wholeNumber(
      10_000,
      'Over how long a stop spreads the closing of the connections, so that they do not all come back elsewhere at once.',
      { min: 0, max: DAY_MS },
    ),
  ),
  RINGBACK_SHUTDOWN_DELAY_MS: formerly(
    'DRAIN_NOTICE_MS',
    wholeNumber(
      3_000,
      'How long a node that is to stop goes on as before, but not ready, until load balancers have noticed.',
      { min: 0, max: DAY_MS },
    ),
  ),
  LOG_LEVEL: oneOf(LOG_LEVELS, 'info', 'Least level of the lines that are logged.'),
  RINGBACK_ACCESS_LOG: share(
    0,
    'Share of the clients whose coming and going is logged, a line each. Who is refused is logged too, at most ten in ten seconds, and whatever an operator does.',
  ),
  RINGBACK_CORS_ORIGINS: formerly(
    'CORS_ORIGINS',
    corsOrigins({
      doc: 'Web pages of which other origins may use the hub.',
      absent: 'None but those that come from the hub itself.',
    }),
  ),
  RINGBACK_TRUSTED_PROXIES: trustedProxies({
    doc: 'Proxies whose `X-Forwarded-For`, `X-Forwarded-Host`, `X-Forwarded-Proto` and `X-Forwarded-Prefix` count.',
    absent: 'Nobody is believed what these headers say.',
  }),
  RINGBACK_ALLOWED_HOSTS: allowedHosts({
    doc: 'Host names under which clients may ask for the node, against DNS rebinding. `localhost`, loopback addresses and `HOST` are always among them; `/health` and `/metrics` take any.',
    absent: 'Any; for a node that listens on loopback only those that are always among them.',
  }),
  RINGBACK_ACCESS_TOKENS: formerly(
    'ACCESS_TOKENS',
    accessTokens({
      doc: 'Who may do what: a token for each name, with its actions `subscribe`, `trigger`, `operate`, or its rights (see [security.md](security.md)). Their file is read again when it changes.',
      absent: 'Everybody may do everything.',
      secret: true,
    }),
  ),
  RINGBACK_ANONYMOUS: anonymousRights({
    doc: 'What clients without a token may do: for each gateway its rights (see [security.md](security.md)).',
    absent: 'Nothing where there are access tokens, else everything.',
  }),
  RINGBACK_ALLOW_ANONYMOUS: allowAnonymous('RINGBACK_ACCESS_TOKENS'),
  ...JWT_SETTINGS,
  RINGBACK_COOKIE_BYTES: formerly(
    'COOKIE_BYTES',
    wholeNumber(DEFAULT_LIMITS.cookieBytes, 'Longest cookie, in bytes of UTF-8.'),
  ),
  RINGBACK_DATA_BYTES: formerly(
    'DATA_BYTES',
    wholeNumber(DEFAULT_LIMITS.dataBytes, 'Longest data of a trigger, in bytes.'),
  ),
  RINGBACK_SUBSCRIPTIONS_PER_CONNECTION: formerly(
    'SUBSCRIPTIONS_PER_CONNECTION',
    wholeNumber(DEFAULT_LIMITS.subscriptionsPerConnection, 'Most subscriptions of one connection.'),
  ),
  ...INBOUND_SETTINGS,
  RINGBACK_CONNECTIONS_PER_NODE: formerly(
    'CONNECTIONS_PER_NODE',
    wholeNumber(DEFAULT_LIMITS.connectionsPerNode, 'Most connections of this node.'),
  ),
  RINGBACK_PENDING_CONNECTIONS: wholeNumber(
    DEFAULT_LIMITS.pendingConnections,
    'Most connections of this node whose client is not admitted yet: it has sent no request, or its WebSocket has not said who it is. Others are accepted later.',
  ),
  RINGBACK_PENDING_CONNECTIONS_PER_ADDRESS: wholeNumber(
    DEFAULT_LIMITS.pendingConnectionsPerAddress,
    "Most of them from one address, where the address is known to be the client's.",
  ),
  RINGBACK_OUTBOX_BYTES: formerly(
    'OUTBOX_BYTES',
    wholeNumber(
      DEFAULT_LIMITS.outboxBytes,
      'Most bytes that wait for one connection before it is closed as too slow.',
    ),
  ),
  RINGBACK_NODE_OUTBOX_BYTES: optional(
    wholeNumber(
      0,
      'Most bytes that wait for all connections of this node together; beyond it the fullest are closed first, as too slow.',
    ),
    QUARTER_OF_HEAP,
  ),
  RINGBACK_POLL_BUFFER_BYTES: optional(
    wholeNumber(0, 'Most bytes that wait for a client of long polling before it is closed as too slow.'),
    '256 KiB, or four times `RINGBACK_DATA_BYTES` where that is more.',
  ),
  RINGBACK_SUBSCRIPTIONS_PER_NODE: wholeNumber(
    DEFAULT_LIMITS.subscriptionsPerNode,
    'Most subscriptions of this node; others are refused with `node-subscription-limit`.',
  ),
  RINGBACK_SESSION_TTL_MS: formerly(
    'SESSION_TTL_MS',
    wholeNumber(
      DAY_MS,
      'How long a durable subscriber may be offline before its subscriptions end. What it misses is kept as long, within the other limits of the history.',
      { min: SECOND, max: 30 * DAY_MS },
    ),
  ),
  RINGBACK_MAX_OFFLINE_SESSIONS: formerly(
    'SESSIONS_AWAY',
    wholeNumber(
      DEFAULT_LIMITS.sessionsAway,
      'Most durable subscribers that are remembered while they are offline, in the whole cluster.',
    ),
  ),
  RINGBACK_DURABLE_BYTES_PER_IDENTITY: wholeNumber(
    DEFAULT_LIMITS.durableBytesPerIdentity,
    'Most bytes that the durable subscribers of one identity keep in the cluster, online and offline together: cookies, eventguids, their own names, and 400 for each subscription. What would be more is refused with `durable-bytes-limit`. Without `RINGBACK_ACCESS_TOKENS` all are of one identity.',
  ),
  RINGBACK_PRESENCE_MEMBERS: formerly(
    'PRESENCE_MEMBERS',
    wholeNumber(DEFAULT_LIMITS.presenceMembers, 'Most members of an event that a presence snapshot names.'),
  ),
  RINGBACK_HISTORY_ENVELOPES: formerly(
    'HISTORY_ENVELOPES',
    wholeNumber(1_000, 'Envelopes kept for each event.'),
  ),
  RINGBACK_HISTORY_AGE_MS: formerly(
    'HISTORY_AGE_MS',
    wholeNumber(10 * MINUTE_MS, 'How long they are kept.', { min: SECOND }),
  ),
  RINGBACK_HISTORY_BYTES: formerly(
    'HISTORY_BYTES',
    wholeNumber(2 ** 20, 'Bytes of them kept for each event.'),
  ),
  RINGBACK_MEMORY_EVENTS: wholeNumber(
    DEFAULT_LIMITS.memoryEvents,
    'Most events that a node without Redis knows; others are refused with `too-many-events`.',
  ),
  RINGBACK_MEMORY_BYTES: optional(
    wholeNumber(
      0,
      'Most bytes of histories and idempotency keys that a node without Redis keeps. Beyond it the histories that were written to least recently go; keys may take half of it, then triggers with a key are refused with `memory-full`.',
    ),
    QUARTER_OF_HEAP,
  ),
  RINGBACK_HISTORY_OVERRIDES: formerly(
    'HISTORY_OVERRIDES',
    historyOverrides({
      doc: 'Other history limits for events whose eventguid matches a pattern, in which `*` stands for any text; the first that matches counts.',
      absent: 'All events alike.',
    }),
  ),
} as const;
