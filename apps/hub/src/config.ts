import { jwtOptions, type JwtOptions } from '@ringback/access-jwt';
import type { AnonymousRights } from '@ringback/access-rights';
import type { TokenGrant } from '@ringback/access-token';
import type { BridgeDefinition } from '@ringback/bridge-kit';
import type { HistoryOverride } from '@ringback/core';
import type { ProtocolDefinition } from '@ringback/gateway-kit';
import type { RingbackOptions } from '@ringback/nest';
import type { LogLevel } from '@ringback/platform';
import {
  FILE_SUFFIX,
  readSettings,
  StartupError,
  type Environment,
  type SettingTable,
  type SettingValues,
} from '@ringback/settings';
import { randomBytes } from 'node:crypto';
import type { TokenFile } from './access-token-file.js';
import { assertKnownGateways } from './anonymous-setting.js';
import { BRIDGES } from './bridges.js';
import { inboundLimits } from './inbound-settings.js';
import { PROTOCOLS } from './protocols.js';
import { assertDistinctPaths } from './reserved-paths.js';
import { NODE_SETTINGS } from './settings.js';

/** A protocol or bridge, with what the environment says of it. */
export interface EdgeConfig<Definition> {
  readonly definition: Definition;
  readonly values: SettingValues<SettingTable>;
}

/** Everything that can be set from outside, checked. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly logLevel: LogLevel;
  readonly node: RingbackOptions & { readonly nodeId: string };
  /** Absent, and without anonymous rights: everybody may do everything. */
  readonly accessTokens?: readonly TokenGrant[];
  /** Where the access tokens stand, if they stand in a file. */
  readonly accessTokenFile?: TokenFile;
  /** What clients without a token may do. */
  readonly anonymous?: AnonymousRights;
  /** Whose JSON Web Tokens are good. */
  readonly jwt?: JwtOptions;
  /** Without access tokens and anonymous rights: whether it may listen on more than loopback. */
  readonly allowAnonymous: boolean;
  readonly protocols: readonly EdgeConfig<ProtocolDefinition>[];
  readonly bridges: readonly EdgeConfig<BridgeDefinition>[];
}

/** What a node is made of. */
export interface NodeEdges {
  readonly protocols: readonly ProtocolDefinition[];
  readonly bridges: readonly BridgeDefinition[];
}

type NodeValues = SettingValues<typeof NODE_SETTINGS>;

const ALL: NodeEdges = { protocols: PROTOCOLS, bridges: BRIDGES };

/** Every variable that a node with these edges reads. Throws for one that two of them read: that is a mistake in the program. */
export function settingsOf({ protocols, bridges }: NodeEdges = ALL): SettingTable {
  const table: Record<string, SettingTable[string]> = { ...NODE_SETTINGS };
  for (const { name, settings } of [...protocols, ...bridges]) {
    for (const [variable, setting] of Object.entries(settings)) {
      if (Object.hasOwn(table, variable))
        throw new Error(`${name} has a setting that is there already: ${variable}.`);
      table[variable] = setting;
    }
  }
  return table;
}

/** Throws `StartupError` that names the variable, what is wrong with it and what is allowed. */
export function readConfig(environment: Environment, edges: NodeEdges = ALL): Config {
  const values = readSettings(NODE_SETTINGS, environment);
  const { RINGBACK_ACCESS_TOKENS: accessTokens } = values;
  const jwt = jwtOptions(values);
  const configure = <Definition extends { readonly settings: SettingTable }>(definition: Definition) => ({
    definition,
    values: readSettings(definition.settings, environment),
  });
  const protocols = edges.protocols.map(configure);
  assertDistinctPaths(protocols.flatMap(({ definition, values: own }) => definition.reservedPaths(own)));
  return {
    host: values.HOST,
    port: values.PORT,
    logLevel: values.LOG_LEVEL,
    allowAnonymous: values.RINGBACK_ALLOW_ANONYMOUS,
    node: nodeOptions(
      values,
      protocols.flatMap(({ definition, values: own }) => definition.historyOverrides?.(own) ?? []),
    ),
    ...(accessTokens !== undefined && { accessTokens }),
    ...tokenFile(environment),
    ...anonymousOf(values, edges),
    ...(jwt && { jwt }),
    protocols,
    bridges: edges.bridges.map(configure),
  };
}

/** Where the tokens stand in a file: it may change while the node runs. */
function tokenFile(environment: Environment): Pick<Config, 'accessTokenFile'> {
  const path = environment[`RINGBACK_ACCESS_TOKENS${FILE_SUFFIX}`]?.trim();
  if (!path) return {};
  const { RINGBACK_ACCESS_TOKENS } = NODE_SETTINGS;
  const read = () => readSettings({ RINGBACK_ACCESS_TOKENS }, environment).RINGBACK_ACCESS_TOKENS ?? [];
  return { accessTokenFile: { path, read } };
}

function anonymousOf(values: NodeValues, { protocols }: NodeEdges): Pick<Config, 'anonymous'> {
  const { RINGBACK_ANONYMOUS: anonymous, RINGBACK_ALLOW_ANONYMOUS: everything } = values;
  if (!anonymous) return {};
  if (everything)
    throw new StartupError(
      'RINGBACK_ANONYMOUS and RINGBACK_ALLOW_ANONYMOUS=true are both set; set one of them.',
    );
  assertKnownGateways(
    anonymous,
    protocols.map(({ name }) => name),
  );
  return { anonymous };
}

/** Of the overrides the first that fits an event counts: the user's own. */
function nodeOptions(values: NodeValues, overrides: readonly HistoryOverride[]): Config['node'] {
  const { REDIS_URL: url, RINGBACK_NODE_ADDRESS: nodeAddress, RINGBACK_CORS_ORIGINS: origins } = values;
  const { RINGBACK_TRUSTED_PROXIES: trusted, RINGBACK_ALLOWED_HOSTS: allowed } = values;
  return {
    nodeId: values.RINGBACK_NODE_ID ?? randomBytes(9).toString('base64url'),
    leaseMs: values.RINGBACK_NODE_LEASE_MS,
    sessionTtlMs: values.RINGBACK_SESSION_TTL_MS,
    drainMs: values.RINGBACK_DRAIN_MS,
    shutdownDelayMs: values.RINGBACK_SHUTDOWN_DELAY_MS,
    ...(url !== undefined && { redis: { url, prefix: values.RINGBACK_REDIS_PREFIX } }),
    ...(nodeAddress !== undefined && { nodeAddress }),
    ...(origins !== undefined && { origins }),
    ...(trusted !== undefined && { trustedProxies: trusted }),
    ...(allowed !== undefined && { allowedHosts: allowed }),
    host: values.HOST,
    accessLog: values.RINGBACK_ACCESS_LOG,
    limits: limitsOf(values),
    history: {
      envelopes: values.RINGBACK_HISTORY_ENVELOPES,
      ageMs: values.RINGBACK_HISTORY_AGE_MS,
      bytes: values.RINGBACK_HISTORY_BYTES,
      overrides: [...(values.RINGBACK_HISTORY_OVERRIDES ?? []), ...overrides],
    },
  };
}

function limitsOf(values: NodeValues): NonNullable<RingbackOptions['limits']> {
  const {
    RINGBACK_MEMORY_BYTES: memoryBytes,
    RINGBACK_NODE_OUTBOX_BYTES: nodeOutboxBytes,
    RINGBACK_POLL_BUFFER_BYTES: pollBufferBytes,
  } = values;
  return {
    cookieBytes: values.RINGBACK_COOKIE_BYTES,
    dataBytes: values.RINGBACK_DATA_BYTES,
    subscriptionsPerConnection: values.RINGBACK_SUBSCRIPTIONS_PER_CONNECTION,
    ...inboundLimits(values),
    connectionsPerNode: values.RINGBACK_CONNECTIONS_PER_NODE,
    pendingConnections: values.RINGBACK_PENDING_CONNECTIONS,
    pendingConnectionsPerAddress: values.RINGBACK_PENDING_CONNECTIONS_PER_ADDRESS,
    outboxBytes: values.RINGBACK_OUTBOX_BYTES,
    sessionsAway: values.RINGBACK_MAX_OFFLINE_SESSIONS,
    durableBytesPerIdentity: values.RINGBACK_DURABLE_BYTES_PER_IDENTITY,
    presenceMembers: values.RINGBACK_PRESENCE_MEMBERS,
    subscriptionsPerNode: values.RINGBACK_SUBSCRIPTIONS_PER_NODE,
    memoryEvents: values.RINGBACK_MEMORY_EVENTS,
    ...(nodeOutboxBytes !== undefined && { nodeOutboxBytes }),
    ...(pollBufferBytes !== undefined && { pollBufferBytes }),
    ...(memoryBytes !== undefined && { memoryBytes }),
  };
}
