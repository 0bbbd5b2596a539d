import { afterAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS } from '@ringback/contract';
import { assertDistinctPaths } from './reserved-paths.js';
import { readConfig, settingsOf } from './config.js';
import { StartupError } from '@ringback/settings';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SETTINGS = settingsOf();

/** A configuration in one layer: the options of the node beside the rest, and `values`, what protocols and bridges have of it. */
function flatConfig(environment: Record<string, string> = {}) {
  const { node, protocols, bridges, ...rest } = readConfig(environment);
  const values: object = Object.assign({}, ...[...protocols, ...bridges].map((edge) => edge.values));
  return { ...rest, ...node, values };
}

const PUBLIC_KEY = String(
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }),
);

/** The name and value of a variable, and what the configuration then has. */
const accepted: readonly (readonly [name: string, text: string, config: object])[] = [
  ['HOST', '0.0.0.0', { host: '0.0.0.0' }],
  ['HOST', '::1', { host: '::1' }],
  ['HOST', ' localhost ', { host: 'localhost' }],
  ['PORT', '0', { port: 0 }],
  ['PORT', '65535', { port: 65_535 }],
  ['REDIS_URL', 'redis://cache:6379', { redis: { url: 'redis://cache:6379', prefix: 'rb' } }],
  [
    'REDIS_URL',
    'rediss://u:p@a:1,rediss://b:2',
    { redis: { url: 'rediss://u:p@a:1,rediss://b:2', prefix: 'rb' } },
  ],
  [
    'REDIS_URL',
    'redis+sentinel://u:p@a:1,b/main/2?sentinel_password=s',
    { redis: { url: 'redis+sentinel://u:p@a:1,b/main/2?sentinel_password=s', prefix: 'rb' } },
  ],
  ['RINGBACK_NODE_ID', 'hub-0_a', { nodeId: 'hub-0_a' }],
  ['RINGBACK_NODE_ADDRESS', 'http://10.0.0.7:8080/', { nodeAddress: 'http://10.0.0.7:8080' }],
  ['RINGBACK_NODE_ADDRESS', 'http://[fd00::1]:8080', { nodeAddress: 'http://[fd00::1]:8080' }],
  ['RINGBACK_NODE_ADDRESS', 'http://10.0.0.1:80', { nodeAddress: 'http://10.0.0.1' }],
  ['RINGBACK_NODE_ADDRESS', 'HTTP://Hub-1.Example:80/', { nodeAddress: 'http://hub-1.example' }],
  ['RINGBACK_NODE_ADDRESS', 'http://fd00::1:8080', { nodeAddress: 'http://[fd00::1]:8080' }],
  ['RINGBACK_NODE_ADDRESS', 'http://fd00:1:2:3:4:5:6:7:80', { nodeAddress: 'http://[fd00:1:2:3:4:5:6:7]' }],
  ['RINGBACK_NODE_ADDRESS', 'http://[FD00:0::1]:80', { nodeAddress: 'http://[fd00::1]' }],
  ['RINGBACK_ACCESS_LOG', '0.01', { accessLog: 0.01 }],
  ['RINGBACK_ACCESS_LOG', '1', { accessLog: 1 }],
  ['RINGBACK_TRUSTED_PROXIES', 'loopback, 10.0.0.0/8', { trustedProxies: ['loopback', '10.0.0.0/8'] }],
  ['RINGBACK_ALLOWED_HOSTS', '*', { allowedHosts: '*' }],
  ['RINGBACK_ALLOWED_HOSTS', 'Hub.example, *.b.example', { allowedHosts: ['hub.example', '*.b.example'] }],
  [
    'RINGBACK_CORS_ORIGINS',
    'capacitor://localhost,HTTPS://A:443',
    { origins: ['capacitor://localhost', 'https://a'] },
  ],
  ['RINGBACK_NODE_LEASE_MS', '3000', { leaseMs: 3_000 }],
  ['RINGBACK_DRAIN_MS', '0', { drainMs: 0 }],
  ['RINGBACK_SHUTDOWN_DELAY_MS', '0', { shutdownDelayMs: 0 }],
  ['LOG_LEVEL', 'debug', { logLevel: 'debug' }],
  ['RINGBACK_CORS_ORIGINS', '*', { origins: '*' }],
  [
    'RINGBACK_CORS_ORIGINS',
    'https://a.example, http://b:81',
    { origins: ['https://a.example', 'http://b:81'] },
  ],
  [
    'RINGBACK_ACCESS_TOKENS',
    'app:s3cret:subscribe+trigger, ops:other:operate',
    {
      accessTokens: [
        { name: 'app', token: 's3cret', actions: ['subscribe', 'trigger'] },
        { name: 'ops', token: 'other', actions: ['operate'] },
      ],
    },
  ],
  [
    'RINGBACK_ACCESS_TOKENS',
    '[{"name":"app","token":"a:b,c","actions":["subscribe"]}]',
    { accessTokens: [{ name: 'app', token: 'a:b,c', actions: ['subscribe'] }] },
  ],
  [
    'RINGBACK_ACCESS_TOKENS',
    '[{"name":"app","token":"t","actions":["subscribe"],"subscriberId":"till-7"}]',
    { accessTokens: [{ name: 'app', token: 't', actions: ['subscribe'], subscriberId: 'till-7' }] },
  ],
  [
    'RINGBACK_ACCESS_TOKENS',
    '[{"name":"far-hub","token":"t","actions":["trigger"],"unmetered":true}]',
    { accessTokens: [{ name: 'far-hub', token: 't', actions: ['trigger'], unmetered: true }] },
  ],
  [
    'RINGBACK_ACCESS_TOKENS',
    '[{"name":"ann","token":"t","rights":{"subscribe":["order-*"],"deny":{"subscribe":["order-9"]}}}]',
    {
      accessTokens: [
        {
          name: 'ann',
          token: 't',
          rights: { subscribe: ['order-*'], deny: { subscribe: ['order-9'] } },
        },
      ],
    },
  ],
  [
    'RINGBACK_BRIDGES',
    '[{"name":"a","kind":"ringback","url":"https://hub.example","token":"t","subscribeOnDemand":["order-*","*"]}]',
    {
      values: expect.objectContaining({
        RINGBACK_BRIDGES: [
          {
            name: 'a',
            kind: 'ringback',
            url: 'https://hub.example/',
            token: 't',
            subscribe: [],
            subscribeOnDemand: ['order-*', '*'],
            trigger: [],
          },
        ],
      }),
    },
  ],
  ['RINGBACK_ALLOW_ANONYMOUS', 'true', { allowAnonymous: true }],
  [
    'RINGBACK_ANONYMOUS',
    '{"signalr":{"subscribe":["order-*"]},"*":{}}',
    { anonymous: { signalr: { subscribe: ['order-*'] }, '*': {} } },
  ],
  [
    'RINGBACK_JWT_JWKS_URL',
    'https://id.example/keys',
    { jwt: { keys: 'https://id.example/keys', maxLifeMs: 86_400_000, rightsClaim: 'ringback' } },
  ],
  ['RINGBACK_JWT_SECRET', 'x'.repeat(32), { jwt: { keys: [{ algorithms: ['HS256'] }] } }],
  ['RINGBACK_JWT_PUBLIC_KEY', PUBLIC_KEY, { jwt: { keys: [{ algorithms: ['ES256'] }] } }],
  ['RINGBACK_COOKIE_BYTES', '10', { limits: { ...DEFAULT_LIMITS, cookieBytes: 10 } }],
  ['RINGBACK_DATA_BYTES', '11', { limits: { ...DEFAULT_LIMITS, dataBytes: 11 } }],
  [
    'RINGBACK_SUBSCRIPTIONS_PER_CONNECTION',
    '12',
    { limits: { ...DEFAULT_LIMITS, subscriptionsPerConnection: 12 } },
  ],
  ['RINGBACK_COMMANDS_PER_CONNECTION', '13', { limits: { ...DEFAULT_LIMITS, commandsPerConnection: 13 } }],
  [
    'RINGBACK_COMMAND_BYTES_PER_CONNECTION',
    '21',
    { limits: { ...DEFAULT_LIMITS, commandBytesPerConnection: 21 } },
  ],
  ['RINGBACK_COMMANDS_PER_TURN', '22', { limits: { ...DEFAULT_LIMITS, commandsPerTurn: 22 } }],
  ['RINGBACK_UNREAD_REPLY_BYTES', '23', { limits: { ...DEFAULT_LIMITS, unreadReplyBytes: 23 } }],
  ['RINGBACK_UNREAD_REPLY_MS', '2400', { limits: { ...DEFAULT_LIMITS, unreadReplyMs: 2_400 } }],
  [
    'RINGBACK_ANONYMOUS_COMMANDS_PER_SECOND',
    '25',
    { limits: { ...DEFAULT_LIMITS, anonymousCommandsPerSecond: 25 } },
  ],
  ['RINGBACK_ANONYMOUS_COMMAND_BURST', '26', { limits: { ...DEFAULT_LIMITS, anonymousCommandBurst: 26 } }],
  ['RINGBACK_COMMANDS_PER_SECOND', '27', { limits: { ...DEFAULT_LIMITS, commandsPerSecond: 27 } }],
  ['RINGBACK_COMMAND_BURST', '28', { limits: { ...DEFAULT_LIMITS, commandBurst: 28 } }],
  ['RINGBACK_INVALID_COMMANDS', '29', { limits: { ...DEFAULT_LIMITS, invalidCommands: 29 } }],
  [
    'RINGBACK_INVALID_COMMAND_WINDOW_MS',
    '3000',
    { limits: { ...DEFAULT_LIMITS, invalidCommandWindowMs: 3_000 } },
  ],
  ['RINGBACK_REFUSED_CONNECTS', '31', { limits: { ...DEFAULT_LIMITS, refusedConnects: 31 } }],
  ['RINGBACK_CONNECT_TIMEOUT_MS', '3200', { limits: { ...DEFAULT_LIMITS, connectTimeoutMs: 3_200 } }],
  ['RINGBACK_CONNECTIONS_PER_NODE', '14', { limits: { ...DEFAULT_LIMITS, connectionsPerNode: 14 } }],
  ['RINGBACK_SESSION_TTL_MS', '60000', { sessionTtlMs: 60_000 }],
  ['RINGBACK_MAX_OFFLINE_SESSIONS', '19', { limits: { ...DEFAULT_LIMITS, sessionsAway: 19 } }],
  [
    'RINGBACK_DURABLE_BYTES_PER_IDENTITY',
    '33',
    { limits: { ...DEFAULT_LIMITS, durableBytesPerIdentity: 33 } },
  ],
  ['RINGBACK_PRESENCE_MEMBERS', '20', { limits: { ...DEFAULT_LIMITS, presenceMembers: 20 } }],
  ['RINGBACK_OUTBOX_BYTES', '15', { limits: { ...DEFAULT_LIMITS, outboxBytes: 15 } }],
  ['RINGBACK_NODE_OUTBOX_BYTES', '23', { limits: { ...DEFAULT_LIMITS, nodeOutboxBytes: 23 } }],
  ['RINGBACK_POLL_BUFFER_BYTES', '24', { limits: { ...DEFAULT_LIMITS, pollBufferBytes: 24 } }],
  ['RINGBACK_SUBSCRIPTIONS_PER_NODE', '25', { limits: { ...DEFAULT_LIMITS, subscriptionsPerNode: 25 } }],
  ['RINGBACK_PENDING_CONNECTIONS', '26', { limits: { ...DEFAULT_LIMITS, pendingConnections: 26 } }],
  [
    'RINGBACK_PENDING_CONNECTIONS_PER_ADDRESS',
    '27',
    { limits: { ...DEFAULT_LIMITS, pendingConnectionsPerAddress: 27 } },
  ],
  ['RINGBACK_MEMORY_EVENTS', '21', { limits: { ...DEFAULT_LIMITS, memoryEvents: 21 } }],
  ['RINGBACK_MEMORY_BYTES', '22', { limits: { ...DEFAULT_LIMITS, memoryBytes: 22 } }],
  ['RINGBACK_HISTORY_ENVELOPES', '16', { history: expect.objectContaining({ envelopes: 16 }) }],
  ['RINGBACK_HISTORY_AGE_MS', '1700', { history: expect.objectContaining({ ageMs: 1_700 }) }],
  ['RINGBACK_HISTORY_BYTES', '18', { history: expect.objectContaining({ bytes: 18 }) }],
  [
    'RINGBACK_HISTORY_OVERRIDES',
    '[{"pattern":"price-*","envelopes":1},{"pattern":"*","ageMs":5,"bytes":6}]',
    {
      history: expect.objectContaining({
        overrides: [
          { pattern: 'price-*', envelopes: 1 },
          { pattern: '*', ageMs: 5, bytes: 6 },
        ],
      }),
    },
  ],
  [
    'RINGBACK_FUBU_TOPICS',
    '[{"name":"CallsTopic","path":[{"name":"Team"}],"retention":{"envelopes":5}},{"name":"Other","aliases":["o"],"writer":"w3c","query":[{"name":"Line","type":"integer","default":1}],"eventguid":"other-{Line}"}]',
    {
      values: expect.objectContaining({
        RINGBACK_FUBU_TOPICS: [
          { name: 'CallsTopic', path: [{ name: 'Team' }], retention: { envelopes: 5 } },
          {
            name: 'Other',
            aliases: ['o'],
            writer: 'w3c',
            query: [{ name: 'Line', type: 'integer', default: 1 }],
            eventguid: 'other-{Line}',
          },
        ],
      }),
      history: expect.objectContaining({
        overrides: [
          { pattern: '_events/calls', envelopes: 5 },
          { pattern: '_events/calls?*', envelopes: 5 },
        ],
      }),
    },
  ],
  ['RINGBACK_FUBU_PATH', '/topics', { values: expect.objectContaining({ RINGBACK_FUBU_PATH: '/topics' }) }],
  ['RINGBACK_FUBU_WRITER', 'w3c', { values: expect.objectContaining({ RINGBACK_FUBU_WRITER: 'w3c' }) }],
  ['RINGBACK_FUBU_RETRY_MS', '0', { values: expect.objectContaining({ RINGBACK_FUBU_RETRY_MS: 0 }) }],
  [
    'RINGBACK_FUBU_KEEP_ALIVE_MS',
    '5000',
    { values: expect.objectContaining({ RINGBACK_FUBU_KEEP_ALIVE_MS: 5_000 }) },
  ],
  [
    'RINGBACK_SIGNALR_EVENT_HUB_ALLOW_TRIGGER',
    'false',
    { values: expect.objectContaining({ RINGBACK_SIGNALR_EVENT_HUB_ALLOW_TRIGGER: false }) },
  ],
  [
    'RINGBACK_SIGNALR_PATH',
    '/live/Hub',
    { values: expect.objectContaining({ RINGBACK_SIGNALR_PATH: '/live/Hub' }) },
  ],
  [
    'RINGBACK_SIGNALR_EVENT_HUB_PATHS',
    '/events, /a/b',
    { values: expect.objectContaining({ RINGBACK_SIGNALR_EVENT_HUB_PATHS: ['/events', '/a/b'] }) },
  ],
  [
    'RINGBACK_SOCKETIO_PATH',
    '/live/socket',
    { values: expect.objectContaining({ RINGBACK_SOCKETIO_PATH: '/live/socket' }) },
  ],
  [
    'RINGBACK_SOCKETIO_PING_INTERVAL_MS',
    '1000',
    { values: expect.objectContaining({ RINGBACK_SOCKETIO_PING_INTERVAL_MS: 1_000 }) },
  ],
  [
    'RINGBACK_SOCKETIO_PING_TIMEOUT_MS',
    '2000',
    { values: expect.objectContaining({ RINGBACK_SOCKETIO_PING_TIMEOUT_MS: 2_000 }) },
  ],
  ['RINGBACK_SSE_RETRY_MS', '0', { values: expect.objectContaining({ RINGBACK_SSE_RETRY_MS: 0 }) }],
  [
    'RINGBACK_SSE_KEEP_ALIVE_MS',
    '5000',
    { values: expect.objectContaining({ RINGBACK_SSE_KEEP_ALIVE_MS: 5_000 }) },
  ],
  [
    'RINGBACK_SSE_STREAM_TTL_MS',
    '3600000',
    { values: expect.objectContaining({ RINGBACK_SSE_STREAM_TTL_MS: 3_600_000 }) },
  ],
  [
    'RINGBACK_SSE_PREPARED_TTL_MS',
    '5000',
    { values: expect.objectContaining({ RINGBACK_SSE_PREPARED_TTL_MS: 5_000 }) },
  ],
  [
    'RINGBACK_SSE_PREPARED_BYTES',
    '1000000',
    { values: expect.objectContaining({ RINGBACK_SSE_PREPARED_BYTES: 1_000_000 }) },
  ],
];

const refused: readonly (readonly [name: string, text: string, problem: string])[] = [
  ['HOST', 'my host', 'does not look right; allowed is an IP address or a host name'],
  ['PORT', 'http', 'is not a whole number; allowed is a whole number from 0 to 65535'],
  ['PORT', '65536', 'is too large; allowed is a whole number from 0 to 65535'],
  ['PORT', '-1', 'is not a whole number'],
  ['PORT', '1e3', 'is not a whole number'],
  ['RINGBACK_REDIS_PREFIX', 'a{b}', 'does not look right; allowed is 1–64 of'],
  ['RINGBACK_NODE_ID', 'a.b', 'does not look right'],
  ['RINGBACK_NODE_ID', 'a'.repeat(65), 'does not look right'],
  ['RINGBACK_NODE_ADDRESS', 'https://a:1', 'is not the address of a node; allowed is http://host:port'],
  ['RINGBACK_NODE_ADDRESS', 'http://a:1/path', 'is not the address of a node'],
  ['RINGBACK_NODE_ADDRESS', 'http://u:p@a:1', 'is not the address of a node'],
  ['RINGBACK_NODE_ADDRESS', 'http://a:1?b', 'is not the address of a node'],
  [
    'RINGBACK_TRUSTED_PROXIES',
    'proxy',
    'has an entry that is wrong: "proxy" is neither an address nor a range',
  ],
  ['RINGBACK_ALLOWED_HOSTS', 'hub.example:80', 'names "hub.example:80", which is not a host name'],
  ['RINGBACK_NODE_LEASE_MS', '5', 'is too small; allowed is a whole number from 1000 to'],
  ['LOG_LEVEL', 'loud', 'is not known; allowed is one of debug, info, warn, error'],
  ['RINGBACK_ACCESS_LOG', '1.5', 'is no number from 0 to 1; allowed is a number from 0 to 1, such as 0.01'],
  ['RINGBACK_ACCESS_LOG', '1%', 'is no number from 0 to 1'],
  [
    'RINGBACK_CORS_ORIGINS',
    'https://a.example/path',
    'names "https://a.example/path", which is not an origin',
  ],
  ['RINGBACK_JWT_JWKS_URL', 'http://id.example/keys', 'has http, and a host that is not private'],
  ['RINGBACK_JWT_ISSUER', 'https://id.example', 'needs one of RINGBACK_JWT_SECRET, RINGBACK_JWT_PUBLIC_KEY'],
  ['RINGBACK_JWT_ISSUER', ',', 'names nobody; allowed is names, separated by commas'],
  ['RINGBACK_JWT_AUDIENCE', 'hub', 'needs one of RINGBACK_JWT_SECRET'],
  ['RINGBACK_JWT_RIGHTS_CLAIM', 'my rights', 'does not look right; allowed is 1–256 printable'],
  ['RINGBACK_JWT_MAX_LIFE_MS', '999', 'is too small; allowed is a whole number from 1000 to'],
  ['RINGBACK_COOKIE_BYTES', '0', 'is too small; allowed is a whole number of at least 1'],
  ['RINGBACK_HISTORY_OVERRIDES', '{', 'is not JSON'],
  ['RINGBACK_HISTORY_OVERRIDES', '{}', 'is not a list'],
  ['RINGBACK_HISTORY_OVERRIDES', '[{"bytes":1}]', 'has as item 1 one without a pattern'],
  ['RINGBACK_HISTORY_OVERRIDES', '[{"pattern":"a","size":1}]', 'has as item 1 one with the unknown "size"'],
  [
    'RINGBACK_HISTORY_OVERRIDES',
    '[{"pattern":"a","bytes":"1"}]',
    'has as item 1 one whose bytes is not a whole number',
  ],
  ['RINGBACK_HISTORY_OVERRIDES', '[1]', 'has as item 1 something else than an object'],
  ['RINGBACK_SIGNALR_POLL_TIMEOUT_MS', '90001', 'is too large; allowed is a whole number from 1000 to 90000'],
  ['RINGBACK_SIGNALR_EVENT_HUB_ALLOW_TRIGGER', 'off', 'is not known; allowed is true or false'],
  ['RINGBACK_FUBU_PATH', '_events', 'does not look right; allowed is an absolute path'],
  ['RINGBACK_FUBU_WRITER', 'html', 'is not known; allowed is one of fubu, w3c'],
  ['RINGBACK_FUBU_RETRY_MS', '60001', 'is too large; allowed is a whole number from 0 to 60000'],
  ['RINGBACK_FUBU_KEEP_ALIVE_MS', '999', 'is too small; allowed is a whole number from 1000 to 60000'],
  ['RINGBACK_FUBU_TOPICS', '{}', 'is not a list'],
  ['RINGBACK_FUBU_TOPICS', '[1]', 'has an entry, number 1, that is no object'],
  ['RINGBACK_FUBU_TOPICS', '[{}]', 'has an entry, number 1, without a name'],
  [
    'RINGBACK_FUBU_TOPICS',
    '[{"name":"a","size":1}]',
    'has an entry, number 1, that has a key which is none of',
  ],
  ['RINGBACK_FUBU_TOPICS', '[{"name":"a","writer":"x"}]', 'has an entry, number 1, whose writer is none of'],
  [
    'RINGBACK_FUBU_TOPICS',
    '[{"name":"a","path":[{}]}]',
    'has an entry, number 1, with a parameter without a name',
  ],
  [
    'RINGBACK_FUBU_TOPICS',
    '[{"name":"a","path":[{"name":"P","type":"date"}]}]',
    'has an entry, number 1, with a parameter whose type is none of',
  ],
  [
    'RINGBACK_FUBU_TOPICS',
    '[{"name":"a","retention":{"ageMs":0}}]',
    'has an entry, number 1, with a retention that is not a whole number',
  ],
  ['RINGBACK_FUBU_TOPICS', '[{"name":"a b"}]', 'has a fault: The topic "a b": "a b" is no name of a topic'],
  [
    'RINGBACK_FUBU_TOPICS',
    '[{"name":"ATopic"},{"name":"a"}]',
    'has a fault: The topics ATopic and a are both found at a;',
  ],
  ['RINGBACK_SSE_RETRY_MS', '60001', 'is too large; allowed is a whole number from 0 to 60000'],
  ['RINGBACK_SSE_KEEP_ALIVE_MS', '999', 'is too small; allowed is a whole number from 1000 to 60000'],
  ['RINGBACK_ANONYMOUS', '{', 'is not JSON; allowed is JSON with rights by gateway'],
  ['RINGBACK_ANONYMOUS', '[]', 'has rights that are none (the value is no object with rights by gateway)'],
  ['RINGBACK_ANONYMOUS', '{"*":{"trigger":"*"}}', 'has rights that are none ("*": trigger is no list)'],
  ['RINGBACK_SSE_STREAM_TTL_MS', '0', 'is too small; allowed is a whole number from 1000 to 86400000'],
  ['RINGBACK_SSE_PREPARED_TTL_MS', '10', 'is too small; allowed is a whole number from 1000 to 3600000'],
  ['RINGBACK_SSE_PREPARED_BYTES', '0', 'is too small; allowed is a whole number of at least 1'],
  ['RINGBACK_SOCKETIO_PATH', 'socket.io', 'does not look right; allowed is an absolute path'],
  [
    'RINGBACK_SIGNALR_PATH',
    'hub',
    'names "hub", which is not the path of a hub; allowed is an absolute path without',
  ],
  ['RINGBACK_SIGNALR_EVENT_HUB_PATHS', '/a,/docs', 'names "/docs", which is not the path of a hub'],
];

const secrets: readonly (readonly [name: string, text: string, problem: string])[] = [
  ['REDIS_URL', 'http://:s3cret@cache', 'is not a Redis URL; allowed is redis://host:port'],
  ['REDIS_URL', 'redis://:s3cret@a,s3cret', 'is not a Redis URL'],
  ['REDIS_URL', ',', 'is not a Redis URL'],
  ['REDIS_URL', 'redis://:s3cret#1@a', 'is not a Redis URL'],
  ['REDIS_URL', 'redis://:s3cret/1@a', 'is not a Redis URL'],
  ['REDIS_URL', 'redis://u:12?s3cret@a', 'is not a Redis URL'],
  ['REDIS_URL', 'redis://u:12/s3cret@a', 'is not a Redis URL'],
  ['REDIS_URL', 'redis://:s3cret%x@a', 'is not a Redis URL'],
  ['REDIS_URL', 'redis+sentinel://:s3cret@a', 'is not a Redis URL'],
  ['RINGBACK_ACCESS_TOKENS', 'app:s3cret', 'has an entry, number 1, that has no actions'],
  [
    'RINGBACK_ACCESS_TOKENS',
    'a:b:subscribe,app:s3cret:fly',
    'has an entry, number 2, that has an action that is none of',
  ],
  ['RINGBACK_ACCESS_TOKENS', ':s3cret:subscribe', 'has an entry, number 1, that has no name'],
  [
    'RINGBACK_ACCESS_TOKENS',
    'bridges:s3cret:subscribe',
    'has an entry, number 1, that has the name bridges, which is that of bridges',
  ],
  [
    'RINGBACK_ACCESS_TOKENS',
    '[{"name":"sub:s3cret","token":"t","actions":["trigger"]}]',
    'has an entry, number 1, that has a name that is kept for others',
  ],
  [
    'RINGBACK_ACCESS_TOKENS',
    'anonymous:s3cret:subscribe',
    'has an entry, number 1, that has a name that is kept for others',
  ],
  ['RINGBACK_ACCESS_TOKENS', 'app::subscribe', 'has an entry, number 1, that has no token'],
  [
    'RINGBACK_ACCESS_TOKENS',
    'app:s3:cret:subscribe',
    'has an entry, number 1, that has more than three parts',
  ],
  ['RINGBACK_ACCESS_TOKENS', 'a:s3cret:operate,b:s3cret:operate', 'gives one token to two names'],
  ['RINGBACK_ACCESS_TOKENS', '[{"token":"s3cret"', 'is not JSON'],
  [
    'RINGBACK_ACCESS_TOKENS',
    '[{"name":"a","token":"s3cret","actions":["operate"],"subscriberId":""}]',
    'has an entry, number 1, that has a subscriberId that is none',
  ],
  [
    'RINGBACK_ACCESS_TOKENS',
    '[{"name":"a","token":"s3cret","actions":["operate"],"subscriberID":"x"}]',
    'has an entry, number 1, that has a key that is none of name, token, actions, rights, subscriberId, unmetered',
  ],
  [
    'RINGBACK_ACCESS_TOKENS',
    '[{"name":"a","token":"s3cret","actions":["trigger"],"unmetered":1}]',
    'has an entry, number 1, that has an unmetered that is no boolean',
  ],
  [
    'RINGBACK_ACCESS_TOKENS',
    '[{"name":"a","token":"s3cret","rights":{"subscribe":["a",7]}}]',
    'has an entry, number 1, that has rights that are none: subscribe[1] is no text',
  ],
  [
    'RINGBACK_ACCESS_TOKENS',
    '[{"name":"a","token":"s3cret","rights":{},"actions":["trigger"]}]',
    'has an entry, number 1, that has both actions and rights',
  ],
  ['RINGBACK_JWT_SECRET', 's3cret', 'is shorter than 32 bytes'],
  ['RINGBACK_JWT_PUBLIC_KEY', 's3cret', 'is no public key in PEM'],
  ['RINGBACK_BRIDGES', '[{"token":"s3cret"', 'is not JSON'],
  ['RINGBACK_ACCESS_TOKENS', '[]', 'names nobody'],
  ['RINGBACK_ACCESS_TOKENS', '[null]', 'has an entry, number 1, that has no name'],
];

const filed: readonly (readonly [name: string, text: string, config: object])[] = [
  ['REDIS_URL', 'redis://cache\n', { redis: { url: 'redis://cache', prefix: 'rb' } }],
  [
    'RINGBACK_ACCESS_TOKENS',
    '\uFEFFa:t:operate\r\n',
    { accessTokens: [{ name: 'a', token: 't', actions: ['operate'] }] },
  ],
  [
    'RINGBACK_ACCESS_TOKENS',
    '\uFEFF[{"name":"a","token":"t","actions":["operate"]}]\n',
    { accessTokens: [{ name: 'a', token: 't', actions: ['operate'] }] },
  ],
  ['RINGBACK_JWT_SECRET', `${'x'.repeat(32)}\n`, { jwt: { keys: [{ algorithms: ['HS256'] }] } }],
  ['RINGBACK_JWT_PUBLIC_KEY', PUBLIC_KEY, { jwt: { keys: [{ algorithms: ['ES256'] }] } }],
  ['RINGBACK_BRIDGES', '\uFEFF[]\n', { values: expect.objectContaining({ RINGBACK_BRIDGES: [] }) }],
];

function refusal(environment: Record<string, string>): unknown {
  try {
    return readConfig(environment);
  } catch (error) {
    return error;
  }
}

describe('readConfig', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('has a default for everything', () => {
    const { nodeId, ...rest } = flatConfig();
    expect(nodeId).toMatch(/^[0-9A-Za-z_-]{12}$/);
    expect(rest).toEqual({
      host: '127.0.0.1',
      port: 8080,
      accessLog: 0,
      allowAnonymous: false,
      leaseMs: 15_000,
      sessionTtlMs: 86_400_000,
      drainMs: 10_000,
      shutdownDelayMs: 3_000,
      logLevel: 'info',
      limits: DEFAULT_LIMITS,
      history: { envelopes: 1_000, ageMs: 600_000, bytes: 1_048_576, overrides: [] },
      values: {
        RINGBACK_BRIDGES: undefined,
        RINGBACK_SOCKETIO_PATH: '/socket.io',
        RINGBACK_SOCKETIO_PING_INTERVAL_MS: 25_000,
        RINGBACK_SOCKETIO_PING_TIMEOUT_MS: 20_000,
        RINGBACK_FUBU_PATH: '/_events',
        RINGBACK_FUBU_WRITER: 'fubu',
        RINGBACK_FUBU_RETRY_MS: 2_000,
        RINGBACK_FUBU_KEEP_ALIVE_MS: 15_000,
        RINGBACK_SSE_RETRY_MS: 2_000,
        RINGBACK_SSE_KEEP_ALIVE_MS: 15_000,
        RINGBACK_SSE_STREAM_TTL_MS: 600_000,
        RINGBACK_SSE_PREPARED_TTL_MS: 60_000,
        RINGBACK_SSE_PREPARED_BYTES: 67_108_864,
        RINGBACK_SIGNALR_PATH: '/hub',
        RINGBACK_SIGNALR_POLL_TIMEOUT_MS: 50_000,
        RINGBACK_SIGNALR_EVENT_HUB_PATHS: undefined,
        RINGBACK_SIGNALR_EVENT_HUB_ALLOW_TRIGGER: true,
      },
    });
  });

  it('makes a new node id each time', () => {
    expect(flatConfig().nodeId).not.toBe(flatConfig().nodeId);
  });

  it.each(accepted)('accepts %s=%s', (name, text, config) => {
    expect(flatConfig({ [name]: text })).toMatchObject(config);
  });

  it('takes the Redis prefix where there is a Redis', () => {
    const { redis } = flatConfig({ REDIS_URL: 'redis://a', RINGBACK_REDIS_PREFIX: 'hub:test' });
    expect(redis).toEqual({ url: 'redis://a', prefix: 'hub:test' });
  });

  it.each(Object.keys(SETTINGS))('takes an empty %s as absent', (name) => {
    expect({ ...flatConfig({ [name]: ' ' }), nodeId: '' }).toEqual({ ...flatConfig(), nodeId: '' });
  });

  it.each(refused)('refuses %s=%s in one sentence', (name, text, problem) => {
    const error = refusal({ [name]: text });
    expect(error).toBeInstanceOf(StartupError);
    expect((error as Error).message).toContain(`${name}=${JSON.stringify(text)} ${problem}`);
    expect((error as Error).message).toMatch(/^[^\n]+[.]$/);
  });

  it.each(['/', '/v1', '/V1/', '/v1/live', '/docs', '/docs-json', '/health/live', '/metrics', '/page'])(
    'refuses a gateway at %s, which the node itself serves',
    (path) => {
      const paths = [{ setting: 'RINGBACK_X_PATH', path }];
      expect(() => assertDistinctPaths(paths)).toThrow(
        new StartupError(`RINGBACK_X_PATH names ${path}, which the node itself serves.`),
      );
    },
  );

  it('refuses two gateways at paths that differ by a slash at the end alone', () => {
    const paths = [
      { setting: 'A', path: '/live' },
      { setting: 'B', path: '/live/' },
    ];
    expect(() => assertDistinctPaths(paths)).toThrow('B names /live/, which is taken by A.');
    expect(() => assertDistinctPaths([{ setting: 'A', path: '/v10' }])).not.toThrow();
  });

  it.each([
    { RINGBACK_SIGNALR_PATH: '/Live', RINGBACK_SOCKETIO_PATH: '/live' },
    { RINGBACK_SIGNALR_EVENT_HUB_PATHS: '/events,/HUB' },
    { RINGBACK_SIGNALR_EVENT_HUB_PATHS: '/socket.io' },
  ])('refuses two gateways at one path: %j', (environment) => {
    const error = refusal(environment);
    expect(error).toBeInstanceOf(StartupError);
    expect((error as Error).message).toMatch(
      /^RINGBACK_SIGNALR_[A-Z_]+ names [^ ]+, which is taken by [A-Z_]+[.]$/,
    );
  });

  it.each(secrets)('refuses %s without showing what it holds (%#)', (name, text, problem) => {
    const error = refusal({ [name]: text });
    expect(error).toBeInstanceOf(StartupError);
    expect((error as Error).message).toContain(`${name} ${problem}`);
    expect((error as Error).message).not.toContain('s3cret');
  });

  it.each(filed)('reads %s from the file that %s_FILE names (%#)', (name, text, config) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    expect(flatConfig({ [`${name}_FILE`]: path })).toMatchObject(config);
  });

  it('can read every secret from a file', () => {
    const names = Object.keys(SETTINGS).filter((name) => SETTINGS[name]?.secret);
    expect([...new Set(filed.map(([name]) => name))]).toEqual(names);
  });

  it('takes who issues tokens, and for whom, beside a key', () => {
    const environment = { RINGBACK_JWT_SECRET: 'x'.repeat(32), RINGBACK_JWT_MAX_LIFE_MS: '60000' };
    const names = { RINGBACK_JWT_ISSUER: 'a,b', RINGBACK_JWT_AUDIENCE: 'hub' };
    expect(flatConfig({ ...environment, ...names })).toMatchObject({
      jwt: { issuers: ['a', 'b'], audiences: ['hub'], maxLifeMs: 60_000 },
    });
  });

  it('takes another claim for rights beside a key', () => {
    const environment = {
      RINGBACK_JWT_SECRET: 'x'.repeat(32),
      RINGBACK_JWT_RIGHTS_CLAIM: 'https://a/rights',
    };
    expect(flatConfig(environment)).toMatchObject({ jwt: { rightsClaim: 'https://a/rights' } });
  });

  it('ignores a variable of a former name', () => {
    const { limits, drainMs } = flatConfig({ SESSIONS_AWAY: '19', DRAIN_MS: 'soon' });
    expect([limits, drainMs]).toEqual([DEFAULT_LIMITS, 10_000]);
  });

  it('prefixes every name that another program could mean', () => {
    const bare = Object.keys(SETTINGS).filter((name) => !name.startsWith('RINGBACK_'));
    expect(bare).toEqual(['HOST', 'PORT', 'REDIS_URL', 'LOG_LEVEL']);
  });

  it('knows each setting in this spec', () => {
    const told = new Set([...accepted, ...refused].map(([name]) => name));
    expect([...told].sort()).toEqual(Object.keys(SETTINGS).sort());
  });
});
