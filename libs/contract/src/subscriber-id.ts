import { HubError } from './hub-error.js';
import { isWellFormed, utf8Bytes } from './text.js';

/** Longest `subscriberId`, in bytes of UTF-8. */
export const SUBSCRIBER_ID_BYTES = 128;

/** The name under which a subscriber's session outlasts its connections, within its identity. Throws `bad-request`. */
export function parseSubscriberId(value: unknown): string {
  if (typeof value !== 'string' || value === '') {
    throw new HubError('bad-request', 'subscriberId is not text of at least one character.');
  }
  if (utf8Bytes(value) > SUBSCRIBER_ID_BYTES || !isWellFormed(value) || /\p{Cc}/u.test(value)) {
    throw new HubError(
      'bad-request',
      `subscriberId is longer than ${SUBSCRIBER_ID_BYTES} bytes, or holds control characters or lone surrogates.`,
    );
  }
  return value;
}
