import { describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS } from '@ringback/contract';
import { readConfig, type Config } from './config.js';
import { SETTINGS } from './settings.js';
import { StartupError } from '@ringback/settings';

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
  ['NODE_ID', 'hub-0_a', { nodeId: 'hub-0_a' }],
  ['NODE_ADDRESS', 'http://10.0.0.7:8080/', { nodeAddress: 'http://10.0.0.7:8080' }],
  ['NODE_ADDRESS', 'http://[fd00::1]:8080', { nodeAddress: 'http://[fd00::1]:8080' }],
  ['NODE_LEASE_MS', '3000', { leaseMs: 3_000 }],
  ['DRAIN_MS', '0', { drainMs: 0 }],
  ['DRAIN_NOTICE_MS', '0', { drainNoticeMs: 0 }],
  ['LOG_LEVEL', 'debug', { logLevel: 'debug' }],
  ['CORS_ORIGINS', '*', { corsOrigins: '*' }],
  ['CORS_ORIGINS', 'https://a.example, http://b:81', { corsOrigins: ['https://a.example', 'http://b:81'] }],
  [
    'ACCESS_TOKENS',
    'app:s3cret:subscribe+trigger, ops:other:operate',
    {
      accessTokens: [
        { name: 'app', token: 's3cret', actions: ['subscribe', 'trigger'] },
        { name: 'ops', token: 'other', actions: ['operate'] },
      ],
    },
  ],
  [
    'ACCESS_TOKENS',
    '[{"name":"app","token":"a:b,c","actions":["subscribe"]}]',
    { accessTokens: [{ name: 'app', token: 'a:b,c', actions: ['subscribe'] }] },
  ],
  [
    'ACCESS_TOKENS',
    '[{"name":"app","token":"t","actions":["subscribe"],"subscriberId":"till-7"}]',
    { accessTokens: [{ name: 'app', token: 't', actions: ['subscribe'], subscriberId: 'till-7' }] },
  ],
  [
    'BRIDGES',
    '[{"name":"a","kind":"ringback","url":"https://hub.example","token":"t","interest":["order-*","*"]}]',
    {
      bridges: [
        {
          name: 'a',
          kind: 'ringback',
          url: 'https://hub.example/',
          token: 't',
          subscribe: [],
          interest: ['order-*', '*'],
          trigger: [],
        },
      ],
    },
  ],
  [
    'BRIDGES',
    '[{"name":"b","kind":"event-hub","url":"http://b/x","isHubUrl":true,"mostAlikePerSecond":5,"subscribe":["e","e"],"trigger":["f"]}]',
    {
      bridges: [
        {
          name: 'b',
          kind: 'event-hub',
          url: 'http://b/x',
          isHubUrl: true,
          mostAlikePerSecond: 5,
          subscribe: ['e'],
          interest: [],
          trigger: ['f'],
        },
      ],
    },
  ],
  ['COOKIE_BYTES', '10', { limits: { ...DEFAULT_LIMITS, cookieBytes: 10 } }],
  ['DATA_BYTES', '11', { limits: { ...DEFAULT_LIMITS, dataBytes: 11 } }],
  ['SUBSCRIPTIONS_PER_CONNECTION', '12', { limits: { ...DEFAULT_LIMITS, subscriptionsPerConnection: 12 } }],
  ['COMMANDS_PER_CONNECTION', '13', { limits: { ...DEFAULT_LIMITS, commandsPerConnection: 13 } }],
  ['CONNECTIONS_PER_NODE', '14', { limits: { ...DEFAULT_LIMITS, connectionsPerNode: 14 } }],
  ['SESSION_TTL_MS', '60000', { sessionTtlMs: 60_000 }],
  ['SESSIONS_AWAY', '19', { limits: { ...DEFAULT_LIMITS, sessionsAway: 19 } }],
  ['PRESENCE_MEMBERS', '20', { limits: { ...DEFAULT_LIMITS, presenceMembers: 20 } }],
  ['OUTBOX_BYTES', '15', { limits: { ...DEFAULT_LIMITS, outboxBytes: 15 } }],
  ['HISTORY_ENVELOPES', '16', { history: expect.objectContaining({ envelopes: 16 }) }],
  ['HISTORY_AGE_MS', '1700', { history: expect.objectContaining({ ageMs: 1_700 }) }],
  ['HISTORY_BYTES', '18', { history: expect.objectContaining({ bytes: 18 }) }],
  [
    'HISTORY_OVERRIDES',
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
  ['EVENT_HUB_TRIGGERS', 'off', { signalr: expect.objectContaining({ eventHubTriggers: false }) }],
  ['SIGNALR_PATH', '/live/Hub', { signalr: expect.objectContaining({ path: '/live/Hub' }) }],
  [
    'SIGNALR_ALIASES',
    '/events, /a/b',
    { signalr: expect.objectContaining({ aliases: ['/events', '/a/b'] }) },
  ],
  ['SOCKETIO_PATH', '/live/socket', { socketio: expect.objectContaining({ path: '/live/socket' }) }],
  ['PING_INTERVAL_MS', '1000', { socketio: expect.objectContaining({ pingIntervalMs: 1_000 }) }],
  ['PING_TIMEOUT_MS', '2000', { socketio: expect.objectContaining({ pingTimeoutMs: 2_000 }) }],
];

const refused: readonly (readonly [name: string, text: string, problem: string])[] = [
  ['HOST', 'my host', 'does not look right; allowed is an IP address or a host name'],
  ['PORT', 'http', 'is not a whole number; allowed is a whole number from 0 to 65535'],
  ['PORT', '65536', 'is too large; allowed is a whole number from 0 to 65535'],
  ['PORT', '-1', 'is not a whole number'],
  ['PORT', '1e3', 'is not a whole number'],
  ['REDIS_PREFIX', 'a{b}', 'does not look right; allowed is 1–64 of'],
  ['NODE_ID', 'a.b', 'does not look right'],
  ['NODE_ID', 'a'.repeat(65), 'does not look right'],
  ['NODE_ADDRESS', 'https://a:1', 'is not the address of a node; allowed is http://host:port'],
  ['NODE_ADDRESS', 'http://a:1/path', 'is not the address of a node'],
  ['NODE_LEASE_MS', '5', 'is too small; allowed is a whole number from 1000 to'],
  ['LOG_LEVEL', 'loud', 'is not known; allowed is one of debug, info, warn, error'],
  ['CORS_ORIGINS', 'https://a.example/path', 'names "https://a.example/path", which is not an origin'],
  ['COOKIE_BYTES', '0', 'is too small; allowed is a whole number of at least 1'],
  ['HISTORY_OVERRIDES', '{', 'is not JSON'],
  ['HISTORY_OVERRIDES', '{}', 'is not a list'],
  ['HISTORY_OVERRIDES', '[{"bytes":1}]', 'has as item 1 one without a pattern'],
  ['HISTORY_OVERRIDES', '[{"pattern":"a","size":1}]', 'has as item 1 one with the unknown "size"'],
  [
    'HISTORY_OVERRIDES',
    '[{"pattern":"a","bytes":"1"}]',
    'has as item 1 one whose bytes is not a whole number',
  ],
  ['HISTORY_OVERRIDES', '[1]', 'has as item 1 something else than an object'],
  ['EVENT_HUB_TRIGGERS', 'no', 'is not known; allowed is one of on, off'],
  ['SOCKETIO_PATH', 'socket.io', 'does not look right; allowed is an absolute path'],
  ['SIGNALR_PATH', 'hub', 'names "hub", which is not the path of a hub; allowed is an absolute path without'],
  ['SIGNALR_PATH', '/', 'names "/", which is not the path of a hub'],
  ['SIGNALR_PATH', '/a/Negotiate', 'names "/a/Negotiate", which is not the path of a hub'],
  ['SIGNALR_PATH', '/V1/hub', 'names "/V1/hub", which is not the path of a hub'],
  ['SIGNALR_PATH', '/a/realtimeEventPushHub', 'names "/a/realtimeEventPushHub", where the event hub is'],
  ['SIGNALR_ALIASES', '/a,/docs', 'names "/docs", which is not the path of a hub'],
  [
    'SIGNALR_ALIASES',
    '/events,/a/',
    'names "/a/", which is not the path of a hub; allowed is absolute paths',
  ],
];

const BRIDGE = { name: 'a', kind: 'event-hub', url: 'http://a', token: 's3cret', subscribe: ['e'] };

const bridgeProblems: readonly (readonly [bridge: object, problem: string])[] = [
  [{ s3cret: 1 }, 'has an entry, number 1, that has a key which is none of name, kind, url'],
  [{ name: 's3cret/a' }, 'has an entry, number 1, whose name is not 1–32 of'],
  [{ kind: 's3cret' }, 'has an entry, number 1, whose kind is none of ringback, event-hub'],
  [{ url: 'ws://s3cret' }, 'has an entry, number 1, whose url is not http://… or https://…'],
  [{ url: 'http://u:s3cret@a' }, 'has an entry, number 1, whose url has more than host, path and query'],
  [{ token: 's3cret\n' }, 'has an entry, number 1, whose token is not text of visible ASCII'],
  [{ subscribe: [] }, 'has an entry, number 1, that carries nothing'],
  [{ subscribe: 's3cret' }, 'has an entry, number 1, whose subscribe is not a list'],
  [
    { trigger: [''] },
    'has an entry, number 1, whose trigger has something that is no eventguid: The eventguid is empty',
  ],
  [{ interest: ['*s3cret'] }, 'has an entry, number 1, whose interest has something that is neither'],
  [{ isHubUrl: 's3cret' }, 'has an entry, number 1, whose isHubUrl is neither true nor false'],
  [{ mostAlikePerSecond: 0 }, 'has an entry, number 1, whose mostAlikePerSecond is not a whole number'],
  [
    { kind: 'ringback', isHubUrl: true },
    'has an entry, number 1, that has isHubUrl or mostAlikePerSecond without',
  ],
];

const secrets: readonly (readonly [name: string, text: string, problem: string])[] = [
  ['REDIS_URL', 'http://:s3cret@cache', 'is not a Redis URL; allowed is redis://host:port'],
  ['REDIS_URL', 'redis://:s3cret@a,s3cret', 'is not a Redis URL'],
  ['REDIS_URL', ',', 'is not a Redis URL'],
  ['ACCESS_TOKENS', 'app:s3cret', 'has an entry, number 1, that has no actions'],
  [
    'ACCESS_TOKENS',
    'a:b:subscribe,app:s3cret:fly',
    'has an entry, number 2, that has an action that is none of',
  ],
  ['ACCESS_TOKENS', ':s3cret:subscribe', 'has an entry, number 1, that has no name'],
  [
    'ACCESS_TOKENS',
    'bridges:s3cret:subscribe',
    'has an entry, number 1, that has the name bridges, which is that of bridges',
  ],
  ['ACCESS_TOKENS', 'app::subscribe', 'has an entry, number 1, that has no token'],
  ['ACCESS_TOKENS', 'app:s3:cret:subscribe', 'has an entry, number 1, that has more than three parts'],
  ['ACCESS_TOKENS', 'a:s3cret:operate,b:s3cret:operate', 'gives one token to two names'],
  ['ACCESS_TOKENS', '[{"token":"s3cret"', 'is not JSON'],
  [
    'ACCESS_TOKENS',
    '[{"name":"a","token":"s3cret","actions":["operate"],"subscriberId":""}]',
    'has an entry, number 1, that has a subscriberId that is none',
  ],
  [
    'ACCESS_TOKENS',
    '[{"name":"a","token":"s3cret","actions":["operate"],"subscriberID":"x"}]',
    'has an entry, number 1, that has a key that is none of name, token, actions, subscriberId',
  ],
  ['BRIDGES', '[{"token":"s3cret"', 'is not JSON'],
  ['BRIDGES', '{"token":"s3cret"}', 'is not a list'],
  ['BRIDGES', '["s3cret"]', 'has an entry, number 1, that is no object'],
  ...bridgeProblems.map(
    ([bridge, problem]) => ['BRIDGES', JSON.stringify([{ ...BRIDGE, ...bridge }]), problem] as const,
  ),
  ['BRIDGES', JSON.stringify([BRIDGE, BRIDGE]), 'gives one name to two bridges'],
  ['ACCESS_TOKENS', '[]', 'names nobody'],
  ['ACCESS_TOKENS', '[null]', 'has an entry, number 1, that has no name'],
];

function refusal(environment: Record<string, string>): unknown {
  try {
    return readConfig(environment);
  } catch (error) {
    return error;
  }
}

describe('readConfig', () => {
  it('has a default for everything', () => {
    const { nodeId, ...rest } = readConfig({});
    expect(nodeId).toMatch(/^[0-9A-Za-z_-]{12}$/);
    expect(rest).toEqual({
      host: '127.0.0.1',
      port: 8080,
      leaseMs: 15_000,
      sessionTtlMs: 86_400_000,
      drainMs: 10_000,
      drainNoticeMs: 3_000,
      logLevel: 'info',
      bridges: [],
      limits: DEFAULT_LIMITS,
      history: { envelopes: 1_000, ageMs: 600_000, bytes: 1_048_576, overrides: [] },
      socketio: {
        path: '/socket.io',
        pingIntervalMs: 25_000,
        pingTimeoutMs: 20_000,
      },
      signalr: { path: '/hub', aliases: [], eventHubTriggers: true },
    } satisfies Omit<Config, 'nodeId'>);
  });

  it('makes a new node id each time', () => {
    expect(readConfig({}).nodeId).not.toBe(readConfig({}).nodeId);
  });

  it.each(accepted)('accepts %s=%s', (name, text, config) => {
    expect(readConfig({ [name]: text })).toMatchObject(config);
  });

  it('takes the Redis prefix where there is a Redis', () => {
    const { redis } = readConfig({ REDIS_URL: 'redis://a', REDIS_PREFIX: 'hub:test' });
    expect(redis).toEqual({ url: 'redis://a', prefix: 'hub:test' });
  });

  it.each(Object.keys(SETTINGS))('takes an empty %s as absent', (name) => {
    expect({ ...readConfig({ [name]: ' ' }), nodeId: '' }).toEqual({ ...readConfig({}), nodeId: '' });
  });

  it.each(refused)('refuses %s=%s in one sentence', (name, text, problem) => {
    const error = refusal({ [name]: text });
    expect(error).toBeInstanceOf(StartupError);
    expect((error as Error).message).toContain(`${name}=${JSON.stringify(text)} ${problem}`);
    expect((error as Error).message).toMatch(/^[^\n]+[.]$/);
  });

  it.each([
    { SIGNALR_PATH: '/Live', SOCKETIO_PATH: '/live' },
    { SIGNALR_ALIASES: '/events,/HUB' },
    { SIGNALR_ALIASES: '/socket.io' },
  ])('refuses two gateways at one path: %j', (environment) => {
    const error = refusal(environment);
    expect(error).toBeInstanceOf(StartupError);
    expect((error as Error).message).toMatch(/^SIGNALR_[A-Z]+ names [^ ]+, which is taken by [A-Z_]+[.]$/);
  });

  it.each(secrets)('refuses %s without showing what it holds (%#)', (name, text, problem) => {
    const error = refusal({ [name]: text });
    expect(error).toBeInstanceOf(StartupError);
    expect((error as Error).message).toContain(`${name} ${problem}`);
    expect((error as Error).message).not.toContain('s3cret');
  });

  it('knows each setting in this spec', () => {
    const told = new Set([...accepted, ...refused].map(([name]) => name));
    expect([...told].sort()).toEqual(Object.keys(SETTINGS).sort());
  });
});
