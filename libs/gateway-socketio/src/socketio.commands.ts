import {
  endsSubscription,
  HubError,
  METHODS,
  parseData,
  parseEventGuid,
  parseOptions,
  parsePosition,
  parseTriggerOptions,
  type EventGuid,
  type Trigger,
  type TriggerOptions,
} from '@ringback/contract';
import type { SubscribeRequest } from '@ringback/core';

/** What one message of a client asks of the hub. */
export type Command =
  | { readonly name: 'subscribe'; readonly request: SubscribeRequest }
  | { readonly name: 'unsubscribe'; readonly eventguid: EventGuid }
  | { readonly name: 'trigger'; readonly trigger: Trigger };

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
  const { after } = parseOptions(options, ['after']);
  if (endsSubscription(cookie)) return { name: 'unsubscribe', eventguid };
  const request = { eventguid, cookie, ...(after != null && { after: parsePosition(after) }) };
  return { name: 'subscribe', request };
}

function parseUnsubscribe([guid]: Arguments): Command {
  return { name: 'unsubscribe', eventguid: readEventGuid(guid) };
}

function parseTrigger([guid, data, third]: Arguments): Command {
  const options = typeof third === 'boolean' ? { removeAfterSend: third } : third;
  const eventguid = readEventGuid(guid);
  return {
    name: 'trigger',
    trigger: { eventguid, data: parseData(data), ...parseTriggerOptions(options, TRIGGER_OPTIONS) },
  };
}

function readEventGuid(value: unknown): EventGuid {
  if (value instanceof Uint8Array) throw new HubError('bad-request', 'The eventguid is not text but bytes.');
  return parseEventGuid(value);
}
