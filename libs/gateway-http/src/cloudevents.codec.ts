import { HubError, parseTraceContext } from '@ringback/contract';
import { decodeJsonObject, decodeText, isText, type MediaType } from '@ringback/http-kit';
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { decodeCloudEventHeader } from './cloudevents.header.js';
import type { TriggerBody } from './trigger.body.js';

const PREFIX = 'application/cloudevents';
const STRUCTURED = `${PREFIX}+json`;
const REQUIRED = ['specversion', 'id', 'source', 'type'] as const;

/** The attributes that have a place in an envelope. */
type Attributes = Readonly<Record<(typeof REQUIRED)[number], string>> & { readonly datacontenttype?: string };

/** Whether a request carries a CloudEvent, or means to. */
export function isCloudEvent(headers: IncomingHttpHeaders, { name }: MediaType): boolean {
  return name.startsWith(PREFIX) || REQUIRED.some((attribute) => headers[`ce-${attribute}`] !== undefined);
}

/** A CloudEvent 1.0 of the HTTP binding, in binary or structured mode. */
export function parseCloudEvent(
  headers: IncomingHttpHeaders,
  mediaType: MediaType,
  body: Uint8Array,
): TriggerBody {
  if (!mediaType.name.startsWith(PREFIX)) return parseBinary(headers, mediaType, body);
  if (mediaType.name === STRUCTURED) return parseStructured(mediaType, body);
  throw new HubError(
    'unsupported-media-type',
    mediaType.name.startsWith(`${PREFIX}-batch`)
      ? 'Batches of CloudEvents are not accepted: send each event in a request of its own.'
      : `Structured CloudEvents are accepted as ${STRUCTURED} only.`,
  );
}

function parseBinary(headers: IncomingHttpHeaders, mediaType: MediaType, body: Uint8Array): TriggerBody {
  const attributes = readAttributes((name) => binaryAttribute(headers, name), headers['content-type']);
  const data = isText(mediaType) ? decodeText(body, mediaType) : emptyAsAbsent(body);
  const trace = parseTraceContext(headers['ce-traceparent'], headers['ce-tracestate']);
  return { ...triggerBody(attributes, data), trace };
}

function binaryAttribute(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[`ce-${name}`];
  return value === undefined ? undefined : decodeCloudEventHeader(name, String(value));
}

function parseStructured(mediaType: MediaType, body: Uint8Array): TriggerBody {
  const event = decodeJsonObject(body, mediaType);
  const attributes = readAttributes((name) => event[name], event['datacontenttype']);
  const trace = parseTraceContext(event['traceparent'], event['tracestate']);
  return { ...triggerBody(attributes, structuredData(event)), trace };
}

function structuredData(event: Readonly<Record<string, unknown>>): unknown {
  const { data, data_base64: base64 } = event;
  if (base64 === undefined || base64 === null) return data;
  if (data !== undefined) throw new HubError('bad-request', 'The CloudEvent has both data and data_base64.');
  const bytes = typeof base64 === 'string' ? Buffer.from(base64, 'base64') : undefined;
  if (bytes?.toString('base64') !== base64) throw new HubError('bad-request', 'data_base64 is not base64.');
  return bytes;
}

function readAttributes(read: (name: string) => unknown, contentType: unknown): Attributes {
  const required = Object.fromEntries(
    REQUIRED.map((name) => [name, requireText(name, read(name))]),
  ) as Attributes;
  if (required.specversion !== '1.0') throw new HubError('bad-request', 'Only CloudEvents 1.0 are accepted.');
  if (contentType === undefined || contentType === null) return required;
  return { ...required, datacontenttype: requireText('datacontenttype', contentType) };
}

function requireText(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new HubError('bad-request', `The CloudEvent has no ${name}, or one that is not text.`);
}

function triggerBody({ type, source, id, datacontenttype }: Attributes, data: unknown): TriggerBody {
  const options = {
    type,
    source,
    id,
    ...(datacontenttype !== undefined && { contentType: datacontenttype }),
  };
  // Events of one source and id may be taken for the same one (CloudEvents 1.0, source and id).
  const defaultKey = createHash('sha256')
    .update(JSON.stringify([source, id]))
    .digest('hex');
  return { data, options, defaultKey };
}

function emptyAsAbsent(body: Uint8Array): Uint8Array | undefined {
  return body.length === 0 ? undefined : body;
}
