import {
  HubError,
  parseEventGuid,
  parseOptions,
  parseSubscriberId,
  type EventGuid,
} from '@ringback/contract';
import { decodeJsonObject, parseMediaType, type HttpRequest } from '@ringback/http-kit';
import { parseFormat, tooManyEvents, type StreamDefinition } from './stream-request.js';

const OPTIONS = ['events', 'format', 'presence', 'subscriberId'] as const;

/** Reads what a stream is to be out of a JSON body. Throws `bad-request`, `bad-eventguid`, `unsupported-media-type`, or `too-many-subscriptions` for more events than `most`. */
export function parsePreparedRequest({ headers, body }: HttpRequest, most: number): StreamDefinition {
  const mediaType = parseMediaType(headers['content-type']);
  if (mediaType.name !== 'application/json')
    throw new HubError('unsupported-media-type', 'The body of a stream to be prepared is application/json.');
  const bytes = body instanceof Uint8Array ? body : new Uint8Array();
  return parseDefinition(decodeJsonObject(bytes, mediaType), most);
}

/** The same of a value that was read from JSON. */
export function parseDefinition(value: unknown, most: number): StreamDefinition {
  const { events, format, presence = false, subscriberId } = parseOptions(value, OPTIONS);
  if (typeof presence !== 'boolean') throw new HubError('bad-request', 'presence is neither true nor false.');
  return {
    cookies: parseEvents(events, most),
    format: parseFormat(format),
    presence,
    subscriberId: subscriberId === undefined ? undefined : parseSubscriberId(subscriberId),
  };
}

/** What `parseDefinition` reads. */
export function definitionOf({ cookies, format, presence, subscriberId }: StreamDefinition): object {
  const events = Array.from(cookies, ([eventguid, cookie]) => ({ eventguid, cookie }));
  return { events, format, presence, subscriberId };
}

function parseEvents(events: unknown, most: number): ReadonlyMap<EventGuid, string> {
  if (!Array.isArray(events) || events.length === 0)
    throw new HubError('bad-request', 'events is not a list of at least one event.');
  const cookies = new Map<EventGuid, string>();
  for (const event of events as readonly unknown[]) {
    const { eventguid, cookie = '' } =
      typeof event === 'string' ? { eventguid: event } : parseOptions(event, ['eventguid', 'cookie']);
    if (typeof cookie !== 'string') throw new HubError('bad-request', 'A cookie is not text.');
    cookies.set(parseEventGuid(eventguid), cookie);
    if (cookies.size > most) throw tooManyEvents(most);
  }
  return cookies;
}
