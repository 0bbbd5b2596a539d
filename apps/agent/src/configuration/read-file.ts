import { readTextFile, StartupError, type Environment } from '@ringback/settings';
import { dirname, resolve } from 'node:path';
import type { HandlerConfig } from '../handlers/handler-config.js';
import type { QueueOptions } from '../tickets/ticket-queue.port.js';
import { ConfigValue } from './config-value.js';
import { assertDistinct, readHub, type HubConfig } from './hub-config.js';
import { readHandler } from './read-handler.js';

/** What the file named by RINGBACK_AGENT_CONFIG says. */
export interface FileConfig {
  readonly hubs: readonly HubConfig[];
  readonly handlers: ReadonlyMap<string, HandlerConfig>;
  readonly queue: Pick<QueueOptions, 'concurrency' | 'attempts' | 'minDelayMs' | 'maxDelayMs'>;
}

const DAY_MS = 24 * 60 * 60_000;

/** Throws `StartupError` that names the place in the file. */
export function readFileConfig(path: string, environment: Environment): FileConfig {
  const value = new ConfigValue(parseFile(path), 'the file', environment);
  const { hubs, handlers, queue } = value.fields(['hubs', 'handlers', 'queue']);
  const all = hubs.items().map(readHub);
  assertDistinct(
    all.map(({ name }) => name),
    hubs,
    'has two hubs with the name',
  );
  const directory = dirname(resolve(path));
  return {
    hubs: all,
    handlers: new Map(handlers.entries().map(([name, handler]) => [name, readHandler(handler, directory)])),
    queue: readQueue(queue),
  };
}

function readQueue(value: ConfigValue): FileConfig['queue'] {
  const fields = value.isAbsent
    ? undefined
    : value.fields(['concurrency', 'attempts', 'minDelayMs', 'maxDelayMs']);
  const minDelayMs = fields?.minDelayMs.wholeNumber(1_000, 1, DAY_MS) ?? 1_000;
  return {
    concurrency: fields?.concurrency.wholeNumber(10, 1, 1_000) ?? 10,
    attempts: fields?.attempts.wholeNumber(8, 1, 1_000) ?? 8,
    minDelayMs,
    maxDelayMs: fields?.maxDelayMs.wholeNumber(Math.max(300_000, minDelayMs), minDelayMs, DAY_MS) ?? 300_000,
  };
}

function parseFile(path: string): unknown {
  const place = `RINGBACK_AGENT_CONFIG=${JSON.stringify(path)}`;
  const text = readTextFile(path, place);
  try {
    return JSON.parse(text);
  } catch (error) {
    // The words of the parser may show what stands around the mistake, which may be a secret.
    throw new StartupError(`${place} is not JSON.`, { cause: error });
  }
}
