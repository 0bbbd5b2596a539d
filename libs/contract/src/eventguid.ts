import { HubError } from './hub-error.js';
import { utf8Bytes } from './text.js';

declare const checked: unique symbol;

/** The identifier of an event, compared exactly. Made only by `parseEventGuid`. */
export type EventGuid = string & { readonly [checked]: 'EventGuid' };

/** Longest eventguid in bytes of UTF-8. */
export const EVENTGUID_BYTES = 256;

const CONTROL_OR_LONE_SURROGATE = /[\p{Cc}\p{Cs}]/u;

/** The value as an eventguid. Throws `bad-eventguid` unless it is text of 1–256 bytes without control characters or lone surrogates. */
export function parseEventGuid(value: unknown): EventGuid {
  if (typeof value !== 'string') throw new HubError('bad-eventguid', 'The eventguid is not text.');
  if (value === '') throw new HubError('bad-eventguid', 'The eventguid is empty.');
  if (value.length > EVENTGUID_BYTES || utf8Bytes(value) > EVENTGUID_BYTES) {
    throw new HubError('bad-eventguid', `The eventguid is longer than ${EVENTGUID_BYTES} bytes.`);
  }
  if (CONTROL_OR_LONE_SURROGATE.test(value)) {
    throw new HubError('bad-eventguid', 'The eventguid holds control characters or lone surrogates.');
  }
  return value as EventGuid;
}
