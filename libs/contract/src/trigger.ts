import type { Data, Labels } from './envelope.js';
import type { EventGuid } from './eventguid.js';
import { HubError } from './hub-error.js';
import type { Position } from './position.js';
import { isWellFormed, utf8Bytes } from './text.js';

/** One firing of an event, as a client asks for it. */
export interface Trigger extends Labels {
  readonly eventguid: EventGuid;
  readonly data: Data;
  /** Whether it notifies this one time only and ends the subscriptions that exist now. */
  readonly removeAfterSend: boolean;
  /** Idempotency key, scoped to the event and to who triggers: a repeat within five minutes gets the first answer and is not kept again. */
  readonly key?: string;
}

/** What the relay answers to an accepted trigger. */
export interface Published {
  readonly position: Position;
  /** Subscriptions stored at that moment, on all nodes, those of nodes found dead later included. */
  readonly subscribers: number;
  /** Nodes that the envelope was handed to. */
  readonly nodes: number;
}

/** Everything a client may say about a trigger beside the eventguid and the data. */
export type TriggerOptions = Omit<Trigger, 'eventguid' | 'data'>;

/** Longest `key`, `type`, `contentType`, `source`, `id` and `origin`, in bytes of UTF-8. */
export const LABEL_BYTES = {
  key: 128,
  type: 256,
  contentType: 256,
  source: 1024,
  id: 256,
  origin: 256,
} as const;

type LabelName = keyof typeof LABEL_BYTES;

/**
 * The data as the hub carries it: text and bytes as they are, absent as `''`, anything else as its JSON text.
 * Throws `bad-request` for what JSON cannot say and for text that UTF-8 cannot.
 */
export function parseData(value: unknown): Data {
  if (value === undefined) return '';
  if (value instanceof Uint8Array) return value;
  const text = typeof value === 'string' ? value : jsonText(value);
  if (!isWellFormed(text)) throw new HubError('bad-request', 'The data holds lone surrogates.');
  return text;
}

/**
 * The options of a trigger. Throws `bad-request` for an option that is unknown, of the wrong type or too long.
 * `known` names the options that the protocol offers.
 */
export function parseTriggerOptions(
  value: unknown,
  known: readonly (keyof TriggerOptions)[],
): TriggerOptions {
  const options = parseOptions(value, known);
  const { removeAfterSend = false } = options;
  if (typeof removeAfterSend !== 'boolean') {
    throw new HubError('bad-request', 'removeAfterSend is neither true nor false.');
  }
  const labels: { [name in LabelName]?: string } = {};
  for (const name of Object.keys(LABEL_BYTES) as LabelName[]) {
    if (options[name] !== undefined) labels[name] = parseLabel(name, options[name]);
  }
  return { removeAfterSend, ...labels };
}

/** The value as a plain object that has no other keys than the known ones. Throws `bad-request`. */
export function parseOptions(value: unknown, known: readonly string[]): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value) || value instanceof Uint8Array) {
    throw new HubError('bad-request', 'The options are not an object.');
  }
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) {
      throw new HubError(
        'bad-request',
        `Unknown option ${JSON.stringify(name.slice(0, 64))}; known: ${known.join(', ')}.`,
      );
    }
  }
  return value as Record<string, unknown>;
}

function parseLabel(name: LabelName, value: unknown): string {
  if (typeof value !== 'string' || value === '') {
    throw new HubError('bad-request', `${name} is not text of at least one character.`);
  }
  if (utf8Bytes(value) > LABEL_BYTES[name] || /[\p{Cc}\p{Cs}]/u.test(value)) {
    throw new HubError(
      'bad-request',
      `${name} is longer than ${LABEL_BYTES[name]} bytes, or holds control characters or lone surrogates.`,
    );
  }
  return value;
}

function jsonText(value: unknown): string {
  try {
    const text: unknown = JSON.stringify(value, refuseBytes);
    if (typeof text === 'string') return text;
  } catch (error) {
    throw new HubError('bad-request', 'The data cannot be written as JSON.', { cause: error });
  }
  throw new HubError('bad-request', 'The data cannot be written as JSON.');
}

function refuseBytes(this: unknown, key: string, value: unknown): unknown {
  // A Buffer has a toJSON that has run before this is called: look at the original.
  const original = (this as Record<string, unknown>)[key];
  if (original instanceof Uint8Array || original instanceof ArrayBuffer) {
    throw new HubError('bad-request', 'Bytes inside of an object.');
  }
  return value;
}
