import { bearerToken, HubError } from '@ringback/contract';
import type { Credentials } from '@ringback/core';
import type { HttpRequest } from './http-request.js';

/** What requests that no gateway takes are called. */
export const HTTP_GATEWAY = 'http';

/** The token of a request; the header counts before the query. Throws `unauthorized` for another scheme than Bearer. */
export function requestCredentials({ headers, query }: Pick<HttpRequest, 'headers' | 'query'>): Credentials {
  const token = bearerToken(headers.authorization);
  const shown = token === undefined ? queryCredentials(query['access_token']) : { token };
  return { ...shown, gateway: HTTP_GATEWAY };
}

function queryCredentials(token: string | readonly string[] | undefined): Credentials {
  if (token === undefined || token === '') return {};
  if (typeof token !== 'string') throw new HubError('bad-request', 'access_token is given more than once.');
  return { token };
}
