import type { BridgeConfig } from '@ringback/bridge-signalr';
import type { Limits } from '@ringback/contract';
import { type LogLevel } from '@ringback/platform';
import { readSettings, type Environment, type SettingValues } from '@ringback/settings';
import { randomBytes } from 'node:crypto';
import type { AccessToken } from './access-tokens.js';
import type { CorsOrigins } from './cors-origins.js';
import type { HistoryOverride } from './history-overrides.js';
import { assertDistinctPaths } from './hub-paths.js';
import { SETTINGS } from './settings.js';

/** Everything that can be set from outside, checked. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Absent: one node by itself. */
  readonly redis?: { readonly url: string; readonly prefix: string };
  readonly nodeId: string;
  /** Absent: found out once the port is bound. */
  readonly nodeAddress?: string;
  readonly leaseMs: number;
  readonly sessionTtlMs: number;
  readonly drainMs: number;
  readonly drainNoticeMs: number;
  readonly logLevel: LogLevel;
  readonly corsOrigins?: CorsOrigins;
  /** Absent: everybody may do everything. */
  readonly accessTokens?: readonly AccessToken[];
  readonly bridges: readonly BridgeConfig[];
  readonly limits: Limits;
  readonly history: {
    readonly envelopes: number;
    readonly ageMs: number;
    readonly bytes: number;
    readonly overrides: readonly HistoryOverride[];
  };
  readonly socketio: {
    readonly path: string;
    readonly pingIntervalMs: number;
    readonly pingTimeoutMs: number;
  };
  readonly signalr: {
    /** Of the richer hub. */
    readonly path: string;
    /** Further paths of the event hub. */
    readonly aliases: readonly string[];
    readonly eventHubTriggers: boolean;
  };
}

type Values = SettingValues<typeof SETTINGS>;

/** Throws `StartupError` that names the variable, what is wrong with it and what is allowed. */
export function readConfig(environment: Environment): Config {
  const values = readSettings(SETTINGS, environment);
  const { REDIS_URL: url, NODE_ADDRESS: nodeAddress, CORS_ORIGINS: corsOrigins } = values;
  const { ACCESS_TOKENS: accessTokens } = values;
  assertPaths(values);
  return {
    host: values.HOST,
    port: values.PORT,
    nodeId: values.NODE_ID ?? randomBytes(9).toString('base64url'),
    leaseMs: values.NODE_LEASE_MS,
    sessionTtlMs: values.SESSION_TTL_MS,
    drainMs: values.DRAIN_MS,
    drainNoticeMs: values.DRAIN_NOTICE_MS,
    logLevel: values.LOG_LEVEL,
    bridges: values.BRIDGES ?? [],
    ...(url !== undefined && { redis: { url, prefix: values.REDIS_PREFIX } }),
    ...(nodeAddress !== undefined && { nodeAddress }),
    ...(corsOrigins !== undefined && { corsOrigins }),
    ...(accessTokens !== undefined && { accessTokens }),
    ...gatherLimits(values),
  };
}

function gatherLimits(values: Values): Pick<Config, 'limits' | 'history' | 'socketio' | 'signalr'> {
  return {
    limits: {
      cookieBytes: values.COOKIE_BYTES,
      dataBytes: values.DATA_BYTES,
      subscriptionsPerConnection: values.SUBSCRIPTIONS_PER_CONNECTION,
      commandsPerConnection: values.COMMANDS_PER_CONNECTION,
      connectionsPerNode: values.CONNECTIONS_PER_NODE,
      outboxBytes: values.OUTBOX_BYTES,
      sessionsAway: values.SESSIONS_AWAY,
      presenceMembers: values.PRESENCE_MEMBERS,
    },
    history: {
      envelopes: values.HISTORY_ENVELOPES,
      ageMs: values.HISTORY_AGE_MS,
      bytes: values.HISTORY_BYTES,
      overrides: values.HISTORY_OVERRIDES ?? [],
    },
    socketio: {
      path: values.SOCKETIO_PATH,
      pingIntervalMs: values.PING_INTERVAL_MS,
      pingTimeoutMs: values.PING_TIMEOUT_MS,
    },
    signalr: {
      path: values.SIGNALR_PATH,
      aliases: values.SIGNALR_ALIASES ?? [],
      eventHubTriggers: values.EVENT_HUB_TRIGGERS === 'on',
    },
  };
}

function assertPaths({ SOCKETIO_PATH, SIGNALR_PATH, SIGNALR_ALIASES = [] }: Values): void {
  assertDistinctPaths([
    ['SOCKETIO_PATH', SOCKETIO_PATH],
    ['SIGNALR_PATH', SIGNALR_PATH],
    ...SIGNALR_ALIASES.map((alias) => ['SIGNALR_ALIASES', alias] as const),
  ]);
}
