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
    /** Of the extended hub. */
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
  const { REDIS_URL: url, RINGBACK_NODE_ADDRESS: nodeAddress, RINGBACK_CORS_ORIGINS: corsOrigins } = values;
  const { RINGBACK_ACCESS_TOKENS: accessTokens } = values;
  assertPaths(values);
  return {
    host: values.HOST,
    port: values.PORT,
    nodeId: values.RINGBACK_NODE_ID ?? randomBytes(9).toString('base64url'),
    leaseMs: values.RINGBACK_NODE_LEASE_MS,
    sessionTtlMs: values.RINGBACK_SESSION_TTL_MS,
    drainMs: values.RINGBACK_DRAIN_MS,
    drainNoticeMs: values.RINGBACK_SHUTDOWN_DELAY_MS,
    logLevel: values.LOG_LEVEL,
    bridges: values.RINGBACK_BRIDGES ?? [],
    ...(url !== undefined && { redis: { url, prefix: values.RINGBACK_REDIS_PREFIX } }),
    ...(nodeAddress !== undefined && { nodeAddress }),
    ...(corsOrigins !== undefined && { corsOrigins }),
    ...(accessTokens !== undefined && { accessTokens }),
    ...gatherLimits(values),
  };
}

function gatherLimits(values: Values): Pick<Config, 'limits' | 'history' | 'socketio' | 'signalr'> {
  return {
    limits: {
      cookieBytes: values.RINGBACK_COOKIE_BYTES,
      dataBytes: values.RINGBACK_DATA_BYTES,
      subscriptionsPerConnection: values.RINGBACK_SUBSCRIPTIONS_PER_CONNECTION,
      commandsPerConnection: values.RINGBACK_COMMANDS_PER_CONNECTION,
      connectionsPerNode: values.RINGBACK_CONNECTIONS_PER_NODE,
      outboxBytes: values.RINGBACK_OUTBOX_BYTES,
      sessionsAway: values.RINGBACK_MAX_OFFLINE_SESSIONS,
      presenceMembers: values.RINGBACK_PRESENCE_MEMBERS,
    },
    history: {
      envelopes: values.RINGBACK_HISTORY_ENVELOPES,
      ageMs: values.RINGBACK_HISTORY_AGE_MS,
      bytes: values.RINGBACK_HISTORY_BYTES,
      overrides: values.RINGBACK_HISTORY_OVERRIDES ?? [],
    },
    socketio: {
      path: values.RINGBACK_SOCKETIO_PATH,
      pingIntervalMs: values.RINGBACK_SOCKETIO_PING_INTERVAL_MS,
      pingTimeoutMs: values.RINGBACK_SOCKETIO_PING_TIMEOUT_MS,
    },
    signalr: {
      path: values.RINGBACK_SIGNALR_PATH,
      aliases: values.RINGBACK_SIGNALR_EVENT_HUB_PATHS ?? [],
      eventHubTriggers: values.RINGBACK_SIGNALR_EVENT_HUB_ALLOW_TRIGGER,
    },
  };
}

function assertPaths({
  RINGBACK_SOCKETIO_PATH,
  RINGBACK_SIGNALR_PATH,
  RINGBACK_SIGNALR_EVENT_HUB_PATHS = [],
}: Values): void {
  assertDistinctPaths([
    ['RINGBACK_SOCKETIO_PATH', RINGBACK_SOCKETIO_PATH],
    ['RINGBACK_SIGNALR_PATH', RINGBACK_SIGNALR_PATH],
    ...RINGBACK_SIGNALR_EVENT_HUB_PATHS.map((alias) => ['RINGBACK_SIGNALR_EVENT_HUB_PATHS', alias] as const),
  ]);
}
