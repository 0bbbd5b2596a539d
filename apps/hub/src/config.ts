import type { Limits } from '@ringback/contract';
import type { LogLevel } from '@ringback/platform';
import { randomBytes } from 'node:crypto';
import type { AccessToken } from './access-tokens.js';
import type { CorsOrigins } from './cors-origins.js';
import type { HistoryOverride } from './history-overrides.js';
import { WrongValue, type Defaulted, type Setting } from './setting.js';
import { SETTINGS, type SettingName } from './settings.js';
import { StartError } from './start-error.js';

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
  readonly signalr: { readonly eventHubTriggers: boolean };
}

type Environment = Readonly<Record<string, string | undefined>>;

type Values = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends Defaulted<infer Value>
    ? Value
    : (typeof SETTINGS)[Name] extends Setting<infer Value>
      ? Value | undefined
      : never;
};

/** Throws `StartError` that names the variable, what is wrong with it and what is allowed. */
export function readConfig(environment: Environment): Config {
  const values = readValues(environment);
  const { REDIS_URL: url, NODE_ADDRESS: nodeAddress, CORS_ORIGINS: corsOrigins } = values;
  const { ACCESS_TOKENS: accessTokens } = values;
  return {
    host: values.HOST,
    port: values.PORT,
    nodeId: values.NODE_ID ?? randomBytes(9).toString('base64url'),
    leaseMs: values.NODE_LEASE_MS,
    sessionTtlMs: values.SESSION_TTL_MS,
    drainMs: values.DRAIN_MS,
    drainNoticeMs: values.DRAIN_NOTICE_MS,
    logLevel: values.LOG_LEVEL,
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
    signalr: { eventHubTriggers: values.EVENT_HUB_TRIGGERS === 'on' },
  };
}

function readValues(environment: Environment): Values {
  const entries = Object.entries(SETTINGS).map(([name, setting]) => [name, read(name, setting, environment)]);
  return Object.fromEntries(entries) as Values;
}

/** An empty variable counts as absent, as deployment templates leave them behind. */
function read(name: string, setting: Setting<unknown>, environment: Environment): unknown {
  const text = environment[name]?.trim() || setting.fallback;
  if (text === undefined) return undefined;
  try {
    return setting.parse(text);
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    const shown = setting.secret ? '' : `=${JSON.stringify(text.slice(0, 200))}`;
    throw new StartError(`${name}${shown} ${error.message}; allowed is ${setting.allowed}.`, {
      cause: error,
    });
  }
}
