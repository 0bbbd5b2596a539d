import { bearerToken, HubError, parseEventGuid, type EventGuid } from '@ringback/contract';
import type { Credentials } from '@ringback/core';
import type { IncomingMessage } from 'node:http';
import type { StreamFormat } from './sse.codec.js';
import { MAX_EVENTS } from './stream-id.js';

/** What a client asks for that opens a stream. */
export interface StreamRequest {
  /** The cookie of each event, in the order in which the events are named first; of an event that is named again the last cookie counts. */
  readonly cookies: ReadonlyMap<EventGuid, string>;
  readonly format: StreamFormat;
  readonly presence: boolean;
  readonly credentials: Credentials;
  readonly subscriberId: string | undefined;
  /** Where the client has been; `undefined` for one that begins. */
  readonly lastEventId: string | undefined;
}

/** What is named once at most; of `lastEventId`, which clients append, the last one counts. */
type SingleName = 'format' | 'presence' | 'subscriberId' | 'access_token';

const SINGLE_NAMES: ReadonlySet<string> = new Set<SingleName>([
  'format',
  'presence',
  'subscriberId',
  'access_token',
]);

/** Reads the query in the order in which it was sent: a cookie belongs to the event before it. Throws `bad-request`, `bad-eventguid` or `unauthorized`. */
export function parseStreamRequest({
  url = '',
  headers,
}: Pick<IncomingMessage, 'url' | 'headers'>): StreamRequest {
  const query = new StreamQuery(queryOf(url));
  const token = bearerToken(headers.authorization) ?? (query.single('access_token') || undefined);
  return {
    cookies: query.cookies,
    format: parseFormat(query.single('format')),
    presence: parsePresence(query.single('presence')),
    credentials: token === undefined ? {} : { token },
    subscriberId: query.single('subscriberId'),
    lastEventId: headerOf(headers['last-event-id']) ?? (query.lastEventId || undefined),
  };
}

class StreamQuery {
  readonly cookies = new Map<EventGuid, string>();
  lastEventId: string | undefined;
  private readonly singles = new Map<string, string>();
  private event: EventGuid | undefined;
  private hasCookie = false;

  constructor(text: string) {
    for (const pair of text.split('&')) if (pair !== '') this.read(pair);
    if (this.cookies.size === 0) throw new HubError('bad-request', 'The stream names no event.');
  }

  single(name: SingleName): string | undefined {
    return this.singles.get(name);
  }

  private read(pair: string): void {
    const at = pair.indexOf('=');
    const name = decode(at === -1 ? pair : pair.slice(0, at));
    const value = at === -1 ? '' : decode(pair.slice(at + 1));
    if (name === 'event') this.addEvent(value);
    else if (name === 'cookie') this.addCookie(value);
    else if (name === 'lastEventId') this.lastEventId = value;
    else this.addSingle(name, value);
  }

  private addEvent(value: string): void {
    this.event = parseEventGuid(value);
    this.hasCookie = false;
    this.cookies.set(this.event, '');
    if (this.cookies.size > MAX_EVENTS)
      throw new HubError('bad-request', `A stream has at most ${MAX_EVENTS} events.`);
  }

  private addCookie(value: string): void {
    if (this.event === undefined)
      throw new HubError('bad-request', 'The query names a cookie before any event.');
    if (this.hasCookie) throw new HubError('bad-request', 'The query names two cookies for one event.');
    this.hasCookie = true;
    this.cookies.set(this.event, value);
  }

  private addSingle(name: string, value: string): void {
    if (!SINGLE_NAMES.has(name))
      throw new HubError('bad-request', `The query has an unknown ${JSON.stringify(name.slice(0, 64))}.`);
    if (this.singles.has(name)) throw new HubError('bad-request', `The query names ${name} more than once.`);
    this.singles.set(name, value);
  }
}

function queryOf(url: string): string {
  const [text = ''] = url.split('#', 1);
  const at = text.indexOf('?');
  return at === -1 ? '' : text.slice(at + 1);
}

/** As forms are encoded, which is how browsers write queries. */
function decode(text: string): string {
  try {
    if (/[^\u0021-\u007e]/.test(text)) throw new URIError('Not ASCII.');
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw new HubError('bad-request', 'The query is not percent-encoded UTF-8.', { cause });
  }
}

function parseFormat(value = 'plain'): StreamFormat {
  if (value === 'plain' || value === 'envelope') return value;
  throw new HubError('bad-request', 'format is neither plain nor envelope.');
}

function parsePresence(value = 'false'): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  throw new HubError('bad-request', 'presence is neither true nor false.');
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
