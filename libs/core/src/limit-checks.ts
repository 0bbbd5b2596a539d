import { HubError, isWellFormed, utf8Bytes, type Data, type Limits } from '@ringback/contract';

/** Of one UTF-16 unit. */
const MOST_UTF8_BYTES = 3;

/** Throws `cookie-too-large` or, for text that UTF-8 cannot say, `bad-request`. */
export function assertCookie(cookie: string, { cookieBytes: most }: Limits): void {
  if (cookie.length > most || utf8Bytes(cookie) > most) {
    throw new HubError('cookie-too-large', `The cookie is longer than ${most} bytes.`);
  }
  if (!isWellFormed(cookie)) throw new HubError('bad-request', 'The cookie holds lone surrogates.');
}

/** Throws `data-too-large`. */
export function assertData(data: Data, { dataBytes: most }: Limits): void {
  if (data.length > most || (typeof data === 'string' && isLongerInBytes(data, most))) {
    throw new HubError('data-too-large', `The data is longer than ${most} bytes.`);
  }
}

/** Most data is so short that it need not be counted; what is not, Node counts faster than a loop does. */
function isLongerInBytes(text: string, most: number): boolean {
  return text.length * MOST_UTF8_BYTES > most && Buffer.byteLength(text) > most;
}
