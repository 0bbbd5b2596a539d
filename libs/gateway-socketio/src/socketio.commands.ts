import {
  endsSubscription,
  HubError,
  METHODS,
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

/** What one message of a client asks of the hub. */
export type Command =
  | { readonly name: 'subscribe'; readonly request: SubscribeRequest }
  | { readonly name: 'unsubscribe'; readonly eventguid: EventGuid }
  | { readonly name: 'acknowledge'; readonly eventguid: EventGuid; readonly position: Position }
  /** `waitMs`: how long to wait for the receipt; absent where none is wanted. */
  | { readonly name: 'trigger'; readonly trigger: Trigger; readonly waitMs?: number };

type Arguments = readonly unknown[];

/** How a method reads its arguments, and how many it takes. */
interface Method {
  readonly least: number;
  readonly most: number;
  readonly parse: (args: Arguments) => Command;
}

const TRIGGER_OPTIONS: readonly (keyof TriggerOptions)[] = [
  'removeAfterSend',
  'key',
  'type',
  'contentType',
  'source',
  'id',
];

const methods = new Map<unknown, Method>([
  [METHODS.subscribe, { least: 2, most: 3, parse: parseSubscribe }],
  [METHODS.unsubscribe, { least: 1, most: 1, parse: parseUnsubscribe }],
  [METHODS.acknowledge, { least: 2, most: 2, parse: parseAcknowledge }],
  [METHODS.trigger, { least: 1, most: 3, parse: parseTrigger }],
]);

/** The command in a message. Throws a `HubError` that says what is wrong with it. */
export function parseCommand(name: unknown, args: Arguments): Command {
  const method = methods.get(name);
  if (!method) throw new HubError('unknown-method');
  const { least, most, parse } = method;
  if (args.length < least || args.length > most) {
    const expected = least === most ? `${least}` : `${least} to ${most}`;
    throw new HubError('bad-request', `The method takes ${expected} arguments.`);
  }
  return parse(args);
}

function parseSubscribe([guid, cookie, options]: Arguments): Command {
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

function parsePresence(value: unknown): boolean {
  if (value == null) return false;
  if (typeof value === 'boolean') return value;
  throw new HubError('bad-request', 'presence is neither true nor false.');
}

function parseUnsubscribe([guid]: Arguments): Command {
  return { name: 'unsubscribe', eventguid: readEventGuid(guid) };
}

function parseAcknowledge([guid, position]: Arguments): Command {
  return { name: 'acknowledge', eventguid: readEventGuid(guid), position: parsePosition(position) };
}

function parseTrigger([guid, data, third]: Arguments): Command {
  const said = typeof third === 'boolean' ? { removeAfterSend: third } : third;
  const eventguid = readEventGuid(guid);
  const { wait, timeoutMs, ...options } = parseOptions(said, [...TRIGGER_OPTIONS, ...WAIT_OPTIONS]);
  const waitMs = parseWait(wait, timeoutMs);
  return {
    name: 'trigger',
    trigger: { eventguid, data: parseData(data), ...parseTriggerOptions(options, TRIGGER_OPTIONS) },
    ...(waitMs !== undefined && { waitMs }),
  };
}

function readEventGuid(value: unknown): EventGuid {
  if (value instanceof Uint8Array) throw new HubError('bad-request', 'The eventguid is not text but bytes.');
  return parseEventGuid(value);
}
