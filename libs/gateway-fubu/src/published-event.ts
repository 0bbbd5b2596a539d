import {
  HubError,
  parseData,
  parseOptions,
  parseTriggerOptions,
  type EventGuid,
  type Limits,
  type Trigger,
} from '@ringback/contract';

const KNOWN = ['id', 'event', 'retry', 'data'];

/** Most events of one publishing. */
const MAX_EVENTS = 1_000;

/** The timers of clients take no more: beyond, they fire at once. */
const MAX_RETRY_MS = 2 ** 31 - 1;

/** One event or several, as triggers of the topic. Throws `bad-request` or `data-too-large` for the first that is none: nothing is to be published then. */
export function parsePublished(published: unknown, eventguid: EventGuid, limits: Limits): readonly Trigger[] {
  const events: readonly unknown[] = Array.isArray(published) ? published : [published];
  if (events.length > MAX_EVENTS)
    throw new HubError('bad-request', `At most ${MAX_EVENTS} events are published at once.`);
  return events.map((event) => parseEvent(event, eventguid, limits));
}

function parseEvent(value: unknown, eventguid: EventGuid, { dataBytes }: Limits): Trigger {
  if (typeof value !== 'object' || value === null)
    throw new HubError('bad-request', 'An event is no object.');
  const { id, event, retry, data } = parseOptions(value, KNOWN);
  const labels = parseTriggerOptions({ ...(given(id) && { id }), ...(given(event) && { type: event }) }, [
    'id',
    'type',
  ]);
  const content = parseData(data ?? undefined);
  if (Buffer.byteLength(content) > dataBytes)
    throw new HubError('data-too-large', `The data is longer than ${dataBytes} bytes.`);
  return { ...labels, eventguid, data: content, ...(given(retry) && { retryMs: parseRetry(retry) }) };
}

function given(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function parseRetry(retry: unknown): number {
  if (Number.isSafeInteger(retry) && Number(retry) >= 0 && Number(retry) <= MAX_RETRY_MS)
    return Number(retry);
  throw new HubError('bad-request', `retry is not a whole number of milliseconds up to ${MAX_RETRY_MS}.`);
}
