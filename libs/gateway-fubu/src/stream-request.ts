import { bearerToken } from '@ringback/contract';
import type { Credentials } from '@ringback/core';
import type { RoutedRequest } from '@ringback/gateway-kit';

/** The id that is left to a client who is to stay away. */
export const SENT_AWAY = 'ringback.closed';

/** Who a client says that it is, and how far it has got. */
export interface StreamRequest {
  readonly credentials: Credentials;
  /** Where the client has been; `undefined` for one that begins. */
  readonly lastEventId: string | undefined;
}

/** The header counts before the query, which is for those that cannot send it. */
export function parseStreamRequest({
  request: { headers },
  target: { query },
}: RoutedRequest): StreamRequest {
  const header = headers['last-event-id'];
  const told = typeof header === 'string' && header !== '' ? fromUtf8(header) : undefined;
  const token = bearerToken(headers.authorization) ?? (named(query, 'access_token') || undefined);
  return {
    credentials: token === undefined ? {} : { token },
    lastEventId: told ?? (named(query, 'lasteventid') || undefined),
  };
}

/** Of a name that clients append again each time, the last one counts. */
function named(query: URLSearchParams, wanted: string): string | undefined {
  const values = [...query].filter(([name]) => name.toLowerCase() === wanted);
  return values.at(-1)?.[1];
}

/** Browsers send the id in UTF-8; Node takes each byte for a character. */
function fromUtf8(header: string): string {
  return Buffer.from(header, 'latin1').toString('utf8');
}
