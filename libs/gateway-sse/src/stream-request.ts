import { bearerToken, HubError, parseEventGuid, type EventGuid } from '@ringback/contract';
import type { Credentials } from '@ringback/core';
import type { IncomingMessage } from 'node:http';
import type { StreamFormat } from './sse.codec.js';

/** What a stream is to be: the same whenever its client comes back. */
export interface StreamDefinition {
  /** The cookie of each event, in the order in which the events are named first; of an event that is named again the last cookie counts. */
  readonly cookies: ReadonlyMap<EventGuid, string>;
  readonly format: StreamFormat;
  readonly presence: boolean;
  readonly subscriberId: string | undefined;
}

/** Who asks for a stream. */
export interface StreamCaller {
  readonly credentials: Credentials;
  /** Where the client has been; `undefined` for one that begins. */
  readonly lastEventId: string | undefined;
}

/** What a client asks for that opens a stream. */
export type StreamRequest = StreamDefinition & StreamCaller;

type RawRequest = Pick<IncomingMessage, 'url' | 'headers'>;

/** What is named once at most; of `lastEventId`, which clients append, the last one counts. */
type SingleName = 'format' | 'presence' | 'subscriberId' | 'access_token';

const SINGLE_NAMES: ReadonlySet<string> = new Set<SingleName>([
  'format',
  'presence',
  'subscriberId',
  'access_token',
]);

/**
 * Reads the query in the order in which it was sent: a cookie belongs to the event before it. Throws `bad-request`, `bad-eventguid`, `unauthorized`, or
 * `too-many-subscriptions` for more events than `most`.
 */
export function parseStreamRequest(request: RawRequest, most: number): StreamRequest {
  const query = new StreamQuery(queryOf(request), most);
  if (query.cookies.size === 0) throw new HubError('bad-request', 'The stream names no event.');
  return {
    cookies: query.cookies,
    format: parseFormat(query.single('format')),
    presence: parsePresence(query.single('presence')),
    subscriberId: query.single('subscriberId'),
    ...callerOf(request, query),
  };
}

/** Who asks for a stream that was prepared: nothing else may stand in the query. Throws `bad-request` or `unauthorized`. */
export function parseStreamCaller(request: RawRequest): StreamCaller {
  const query = new StreamQuery(queryOf(request), 0);
  return callerOf(request, query);
}

function callerOf({ headers }: RawRequest, query: StreamQuery): StreamCaller {
  const token = bearerToken(headers.authorization) ?? (query.single('access_token') || undefined);
  return {
    credentials: token === undefined ? {} : { token },
    lastEventId: headerOf(headers['last-event-id']) ?? (query.lastEventId || undefined),
  };
}

const PREPARED_ALREADY =
  'A stream that was prepared takes nothing but access_token and lastEventId in its query.';

class StreamQuery {
  readonly cookies = new Map<EventGuid, string>();
  lastEventId: string | undefined;
  private readonly singles = new Map<string, string>();
  private event: EventGuid | undefined;
  private hasCookie = false;

  /** `mostEvents` is 0 where the query does not say what the stream is to be. */
  constructor(
    text: string,
    private readonly mostEvents: number,
  ) {
    for (const pair of text.split('&')) if (pair !== '') this.read(pair);
  }

  single(name: SingleName): string | undefined {
    return this.singles.get(name);
  }

  private read(pair: string): void {
    const at = pair.indexOf('=');
    const name = decode(at === -1 ? pair : pair.slice(0, at));
    const value = at === -1 ? '' : decode(pair.slice(at + 1));
    if (name === 'lastEventId') this.lastEventId = value;
    else if (name === 'access_token') this.addSingle(name, value);
    else if (this.mostEvents === 0) throw new HubError('bad-request', PREPARED_ALREADY);
    else if (name === 'event') this.addEvent(value);
    else if (name === 'cookie') this.addCookie(value);
    else this.addSingle(name, value);
  }

  private addEvent(value: string): void {
    this.event = parseEventGuid(value);
    this.hasCookie = false;
    this.cookies.set(this.event, '');
    if (this.cookies.size > this.mostEvents) throw tooManyEvents(this.mostEvents);
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

export function tooManyEvents(most: number): HubError {
  return new HubError('too-many-subscriptions', `A stream may have ${most} events.`);
}

function queryOf({ url = '' }: RawRequest): string {
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

export function parseFormat(value: unknown = 'plain'): StreamFormat {
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
