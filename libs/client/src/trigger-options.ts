import {
  HubError,
  WAIT_OPTIONS,
  parseData,
  parseEventGuid,
  parseOptions,
  parseTriggerOptions,
  parseWait,
  type Labels,
} from '@ringback/contract';
import type { TriggerCommand } from './transports/transport.js';

/** What may be said about a trigger. */
export interface TriggerOptions extends Labels {
  /** Notify this one time only and end the subscriptions that exist now. */
  readonly removeAfterSend?: boolean;
  /**
   * Idempotency key, at most 128 bytes, scoped to the event: within five minutes a repeat with the same key gets the first answer and notifies
   * nobody again. Made up if absent; to repeat a trigger yourself, make one with `makeKey` and keep it.
   */
  readonly key?: string;
  /** Repeat it with the same key for so long while errors are temporary (`relay-unavailable`, `closed`, `timeout` …). Default: 0, no repeat. */
  readonly retryForMs?: number;
  /** Answer only when all nodes that have subscribers have handed it to them, or `timeoutMs` are over: with a `receipt`. */
  readonly wait?: 'delivered';
  /** How long to wait for the receipt, from 1 to 30,000. Default: 5,000. The command may take this much longer than the client's `timeoutMs`. */
  readonly timeoutMs?: number;
}

/** An idempotency key that nobody else has. */
export function makeKey(): string {
  // Not randomUUID: browsers have it on pages from https only.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

const KNOWN = ['removeAfterSend', 'key', 'type', 'contentType', 'source', 'id', 'origin'] as const;

/** A trigger as it is sent, each time. */
export interface Triggering {
  readonly command: TriggerCommand;
  readonly retryForMs: number;
  /** How much longer than others the hub may take to answer. */
  readonly waitMs: number;
}

/** A trigger and how it is sent. Throws what the hub would answer to a malformed one. */
export function parseTriggering(eventguid: string, data: unknown, options: TriggerOptions): Triggering {
  parseEventGuid(eventguid);
  parseData(data);
  const given = parseOptions(options, [...KNOWN, ...WAIT_OPTIONS, 'retryForMs']);
  const { retryForMs = 0, wait, timeoutMs, ...labels } = given;
  const waitMs = parseWait(wait, timeoutMs);
  const known = parseTriggerOptions(labels, KNOWN);
  // JSON has no undefined: among arguments it would arrive as null.
  const command = {
    key: makeKey(),
    ...known,
    eventguid,
    data: data === undefined ? '' : data,
    ...(waitMs !== undefined && { wait: 'delivered' as const, timeoutMs: waitMs }),
  };
  return { command, retryForMs: parseRetryForMs(retryForMs), waitMs: waitMs ?? 0 };
}

function parseRetryForMs(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw new HubError('bad-request', 'retryForMs is not a number of milliseconds.');
}
