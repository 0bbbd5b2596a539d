import { HubError, isWellFormed, utf8Bytes, type Data, type Limits } from '@ringback/contract';

/** Throws `cookie-too-large` or, for text that UTF-8 cannot say, `bad-request`. */
export function assertCookie(cookie: string, { cookieBytes: most }: Limits): void {
  if (cookie.length > most || utf8Bytes(cookie) > most) {
    throw new HubError('cookie-too-large', `The cookie is longer than ${most} bytes.`);
  }
  if (!isWellFormed(cookie)) throw new HubError('bad-request', 'The cookie holds lone surrogates.');
}

/** Throws `data-too-large`. */
export function assertData(data: Data, { dataBytes: most }: Limits): void {
  if (data.length > most || (typeof data === 'string' && utf8Bytes(data) > most)) {
    throw new HubError('data-too-large', `The data is longer than ${most} bytes.`);
  }
}
