import { bearerToken } from '@ringback/contract';
import type { Credentials, Identity, SessionRequest } from '@ringback/core';
import { parseSessionRequest } from '@ringback/gateway-kit';
import type { OpeningRequest } from '@ringback/signalr';

/** The token: from the `Authorization` header, else from the query, which browsers cannot do without. Throws `unauthorized`. */
export function credentialsOf({ headers, query }: OpeningRequest): Credentials {
  const token = bearerToken(headers['authorization']) ?? query.get('access_token');
  return token ? { token } : {};
}

/** The session of a durable subscriber: `subscriberId` and `resume` from the query. Throws as `parseSessionRequest` does. */
export function sessionRequestOf({ query }: OpeningRequest, identity: Identity): SessionRequest | undefined {
  const [subscriberId, resume] = [query.get('subscriberId'), query.get('resume')];
  return parseSessionRequest({ subscriberId: subscriberId ?? undefined, resume }, identity);
}
