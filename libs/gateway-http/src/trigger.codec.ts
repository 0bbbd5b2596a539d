import {
  HubError,
  parseEventGuid,
  parseData,
  parseOptions,
  parseTraceContext,
  parseTriggerOptions,
  parseWait,
  WAIT_OPTIONS,
  type TraceContext,
  type Trigger,
  type TriggerOptions,
} from '@ringback/contract';
import {
  agreedIdentifier,
  decodeJsonObject,
  decodeText,
  parseMediaType,
  type HttpRequest,
  type MediaType,
} from '@ringback/http-kit';
import { isCloudEvent, parseCloudEvent } from './cloudevents.codec.js';
import type { TriggerBody } from './trigger.body.js';

const KNOWN = [
  'removeAfterSend',
  'key',
  'type',
  'contentType',
  'source',
  'id',
  'origin',
] as const satisfies readonly (keyof TriggerOptions)[];

/** What a request asks for. */
export interface TriggerRequest {
  readonly trigger: Trigger;
  /** How long to wait for the receipt; absent where none is wanted. */
  readonly waitMs?: number;
  /** The trace that it belongs to: the headers of the request are of the hop before, and count before a CloudEvent, which may name where all began. */
  readonly trace?: TraceContext;
}

/** The trigger that a request asks for; its eventguid stands in the path, the query or a JSON body. Throws `bad-request`, `bad-eventguid` or `unsupported-media-type`. */
export function parseTriggerRequest(request: HttpRequest): TriggerRequest {
  const { data, options, defaultKey, trace: traceOfBody } = parseBody(request);
  const { eventguid: inBody, ...bodyOptions } = options;
  const { eventguid: inQuery, ...queried } = queryOptions(request.query);
  const eventguid = agreedIdentifier('eventguid', [request.params?.['eventguid'], inQuery, inBody]);
  const said = sayOnce([bodyOptions, queried, headerOptions(request.headers)]);
  const { wait, timeoutMs, ...rest } = parseOptions(said, [...KNOWN, ...WAIT_OPTIONS]);
  const parsed = parseTriggerOptions(rest, KNOWN);
  const key = parsed.key ?? defaultKey;
  const waitMs = parseWait(wait, timeoutMs);
  const { traceparent, tracestate } = request.headers;
  const trace = parseTraceContext(traceparent, tracestate) ?? traceOfBody;
  return {
    trigger: {
      ...parsed,
      eventguid: parseEventGuid(eventguid),
      ...(key !== undefined && { key }),
      data: parseData(data),
    },
    ...(waitMs !== undefined && { waitMs }),
    ...(trace && { trace }),
  };
}

function parseBody(request: HttpRequest): TriggerBody {
  refuseEncoded(request.headers['content-encoding']);
  const { body, headers } = request;
  const bytes = body instanceof Uint8Array ? body : new Uint8Array();
  const mediaType = parseMediaType(headers['content-type']);
  if (isCloudEvent(headers, mediaType)) return parseCloudEvent(headers, mediaType, bytes);
  if (bytes.length === 0) return { data: undefined, options: {} };
  return parsePlain(mediaType, bytes);
}

function parsePlain(mediaType: MediaType, bytes: Uint8Array): TriggerBody {
  switch (mediaType.name) {
    case 'application/json': {
      const { data, ...options } = decodeJsonObject(bytes, mediaType);
      return { data, options };
    }
    case 'text/plain':
      return { data: decodeText(bytes, mediaType), options: {} };
    case 'application/octet-stream':
      return { data: bytes, options: {} };
    default:
      throw new HubError(
        'unsupported-media-type',
        `The body is ${mediaType.name || 'of no stated type'}; send application/json, text/plain, application/octet-stream or a CloudEvent.`,
      );
  }
}

function refuseEncoded(contentEncoding: string | undefined): void {
  if (contentEncoding === undefined || contentEncoding.toLowerCase() === 'identity') return;
  throw new HubError('unsupported-media-type', 'The hub reads no compressed bodies.');
}

function queryOptions(query: HttpRequest['query']): Readonly<Record<string, unknown>> {
  const { access_token: _token, ...options } = query;
  const entries = Object.entries(options).map(([name, value]) => [name, queryValue(name, value)] as const);
  return Object.fromEntries(entries);
}

/** A query has only text: what is meant to be something else, and is not written like it, is refused with the rest. */
function queryValue(name: string, value: unknown): unknown {
  if (name === 'removeAfterSend' && (value === 'true' || value === 'false')) return value === 'true';
  if (name === 'timeoutMs' && typeof value === 'string' && /^[0-9]{1,6}$/.test(value)) return Number(value);
  return value;
}

function headerOptions(headers: HttpRequest['headers']): Readonly<Record<string, unknown>> {
  const key = headers['idempotency-key'];
  // A structured field would quote it, most clients do not: both are the same key.
  return key === undefined ? {} : { key: /^"(.*)"$/.exec(String(key))?.[1] ?? key };
}

/** All options together. An option that is said in two places is refused: one of them would be lost. */
function sayOnce(places: readonly Readonly<Record<string, unknown>>[]): Record<string, unknown> {
  const entries = places.flatMap((options) => Object.entries(options));
  const names = new Set<string>();
  for (const [name] of entries) {
    if (names.has(name))
      throw new HubError('bad-request', `${JSON.stringify(name.slice(0, 64))} is said twice.`);
    names.add(name);
  }
  return Object.fromEntries(entries);
}
