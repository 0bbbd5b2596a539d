import { HubError } from './hub-error.js';
import { parseEventGuid, type EventGuid } from './eventguid.js';
import { parsePosition, type Position } from './position.js';
import { parseWait, WAIT_OPTIONS } from './receipt.js';
import {
  parseData,
  parseOptions,
  parseTriggerOptions,
  type Trigger,
  type TriggerOptions,
} from './trigger.js';

/** What a client wants when it subscribes. */
export interface SubscribeRequest {
  readonly eventguid: EventGuid;
  readonly cookie: string;
  /** The last position that the client has seen: asks for what came after it. */
  readonly after?: Position;
  /** Whether it takes part in presence. */
  readonly presence?: boolean;
}

/** What one message of a client asks of the hub, on every protocol with methods. */
export type Command =
  | { readonly name: 'subscribe'; readonly request: SubscribeRequest }
  | { readonly name: 'unsubscribe'; readonly eventguid: EventGuid }
  | { readonly name: 'acknowledge'; readonly eventguid: EventGuid; readonly position: Position }
  /** Asks which cluster this is. */
  | { readonly name: 'describe' }
  /** `waitMs`: how long to wait for the receipt; absent where none is wanted. */
  | { readonly name: 'trigger'; readonly trigger: Trigger; readonly waitMs?: number };

type Arguments = readonly unknown[];

/** What `parseSubscribe` knows. */
export const SUBSCRIBE_OPTIONS = ['after', 'presence'] as const;

const TRIGGER_OPTIONS: readonly (keyof TriggerOptions)[] = [
  'removeAfterSend',
  'key',
  'type',
  'contentType',
  'source',
  'id',
  'origin',
];

/** `(eventguid, cookie, options)`, whatever the cookie says. Each of these throws a `HubError`. */
export function parseSubscribe([guid, cookie, options]: Arguments): Command {
  const eventguid = readEventGuid(guid);
  if (typeof cookie !== 'string') throw new HubError('bad-request', 'The cookie is not text.');
  const { after, presence } = parseOptions(options, SUBSCRIBE_OPTIONS);
  const request = {
    eventguid,
    cookie,
    ...(after != null && { after: parsePosition(after) }),
    ...(parsePresence(presence) && { presence: true as const }),
  };
  return { name: 'subscribe', request };
}

/** `(eventguid)` */
export function parseUnsubscribe([guid]: Arguments): Command {
  return { name: 'unsubscribe', eventguid: readEventGuid(guid) };
}

/** `(eventguid, position)` */
export function parseAcknowledge([guid, position]: Arguments): Command {
  return { name: 'acknowledge', eventguid: readEventGuid(guid), position: parsePosition(position) };
}

/** `(eventguid, data, options)`, or `removeAfterSend` for the options. */
export function parseTrigger([guid, data, third]: Arguments): Command {
  const said = typeof third === 'boolean' ? { removeAfterSend: third } : third;
  const eventguid = readEventGuid(guid);
  const { wait, timeoutMs, ...options } = parseOptions(said, [...TRIGGER_OPTIONS, ...WAIT_OPTIONS]);
  const waitMs = parseWait(wait ?? undefined, timeoutMs ?? undefined);
  const trigger = {
    eventguid,
    data: parseData(data),
    ...parseTriggerOptions(options, TRIGGER_OPTIONS),
  };
  return { name: 'trigger', trigger, ...(waitMs !== undefined && { waitMs }) };
}

function parsePresence(value: unknown): boolean {
  if (value == null) return false;
  if (typeof value === 'boolean') return value;
  throw new HubError('bad-request', 'presence is neither true nor false.');
}

function readEventGuid(value: unknown): EventGuid {
  if (value instanceof Uint8Array) throw new HubError('bad-request', 'The eventguid is not text but bytes.');
  return parseEventGuid(value);
}
