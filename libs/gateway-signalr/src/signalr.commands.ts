import {
  endsSubscription,
  HubError,
  parseData,
  parseEventGuid,
  parseOptions,
  parsePosition,
  parseTriggerOptions,
  parseWait,
  WAIT_OPTIONS,
  type EventGuid,
  type Position,
  type Trigger,
  type TriggerOptions,
} from '@ringback/contract';
import type { SubscribeRequest } from '@ringback/core';

/** What one call of a client asks of the hub. */
export type Command =
  | { readonly name: 'subscribe'; readonly request: SubscribeRequest }
  | { readonly name: 'unsubscribe'; readonly eventguid: EventGuid }
  | { readonly name: 'acknowledge'; readonly eventguid: EventGuid; readonly position: Position }
  /** `waitMs`: how long to wait for the receipt; absent where none is wanted. */
  | { readonly name: 'trigger'; readonly trigger: Trigger; readonly waitMs?: number };

type Arguments = readonly unknown[];

const TRIGGER_OPTIONS: readonly (keyof TriggerOptions)[] = [
  'removeAfterSend',
  'key',
  'type',
  'contentType',
  'source',
  'id',
];

/** `(eventguid, cookie, options)`; a cookie that ends the subscription is an unsubscribe. Each of these throws a `HubError`. */
export function parseSubscribe([guid, cookie, options]: Arguments): Command {
  const eventguid = readEventGuid(guid);
  if (typeof cookie !== 'string') throw new HubError('bad-request', 'The cookie is not text.');
  const { after, presence } = parseOptions(options, ['after', 'presence']);
  if (endsSubscription(cookie)) return { name: 'unsubscribe', eventguid };
  const request = {
    eventguid,
    cookie,
    ...(after != null && { after: parsePosition(after) }),
    ...(parsePresence(presence) && { presence: true as const }),
  };
  return { name: 'subscribe', request };
}

/** `(eventguid, cookie)`, where no cookie unsubscribes as well. */
export function parseEventHubSubscribe([guid, cookie]: Arguments): Command {
  return parseSubscribe([guid, cookie ?? '']);
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
    data: parseData(data ?? undefined), // SignalR has no other word for what is absent than null
    ...parseTriggerOptions(options, TRIGGER_OPTIONS),
  };
  return { name: 'trigger', trigger, ...(waitMs !== undefined && { waitMs }) };
}

/** `(eventguid, data, removeAfterSend)` */
export function parseEventHubTrigger([guid, data, removeAfterSend]: Arguments): Command {
  if (typeof removeAfterSend !== 'boolean') {
    throw new HubError('bad-request', 'removeAfterSend is neither true nor false.');
  }
  return parseTrigger([guid, data, removeAfterSend]);
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
