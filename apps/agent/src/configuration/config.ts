import type { AllowedHosts } from '@ringback/http-kit';
import { type LogLevel } from '@ringback/platform';
import { readSettings, type Environment } from '@ringback/settings';
import type { QueueOptions } from '../tickets/ticket-queue.port.js';
import { readFileConfig, type FileConfig } from './read-file.js';
import { SETTINGS } from './settings.js';

/** Everything that can be set from outside, checked. */
export interface Config extends Omit<FileConfig, 'queue'> {
  readonly host: string;
  readonly port: number;
  /** The names under which it is served; absent: any, but only its loopback names on loopback. */
  readonly allowedHosts?: AllowedHosts;
  /** Absent: one agent by itself. */
  readonly redis?: { readonly url: string; readonly prefix: string };
  /** Absent: everybody may do everything. */
  readonly operatorToken?: string;
  /** Without it: whether the agent may listen on more than loopback. */
  readonly allowAnonymous: boolean;
  readonly logLevel: LogLevel;
  readonly drainMs: number;
  /** How long an agent may be silent. */
  readonly leaseMs: number;
  readonly subscriptionsPerHub: number;
  readonly queue: QueueOptions;
}

/** Throws `StartupError` that names the variable, or the place in the file. */
export function readConfig(environment: Environment): Config {
  const values = readSettings(SETTINGS, environment);
  const {
    RINGBACK_AGENT_CONFIG: path,
    REDIS_URL: url,
    RINGBACK_ALLOWED_HOSTS: allowedHosts,
    RINGBACK_AGENT_OPERATOR_TOKEN: operatorToken,
  } = values;
  const file = path === undefined ? EMPTY_FILE : readFileConfig(path, environment);
  return {
    ...file,
    host: values.HOST,
    port: values.PORT,
    ...(allowedHosts !== undefined && { allowedHosts }),
    ...(url !== undefined && { redis: { url, prefix: values.RINGBACK_REDIS_PREFIX } }),
    ...(operatorToken !== undefined && { operatorToken }),
    allowAnonymous: values.RINGBACK_ALLOW_ANONYMOUS,
    logLevel: values.LOG_LEVEL,
    drainMs: values.RINGBACK_DRAIN_MS,
    leaseMs: values.RINGBACK_AGENT_LEASE_MS,
    subscriptionsPerHub: values.RINGBACK_AGENT_SUBSCRIPTIONS_PER_HUB,
    queue: {
      ...file.queue,
      leaseMs: values.RINGBACK_AGENT_LEASE_MS,
      mostTickets: values.RINGBACK_AGENT_MAX_TICKETS,
      mostFailed: values.RINGBACK_AGENT_MAX_FAILED_TICKETS,
      failedAgeMs: values.RINGBACK_AGENT_FAILED_TICKETS_AGE_MS,
    },
  };
}

const EMPTY_FILE: FileConfig = {
  hubs: [],
  handlers: new Map(),
  queue: { concurrency: 10, attempts: 8, minDelayMs: 1_000, maxDelayMs: 300_000 },
};
