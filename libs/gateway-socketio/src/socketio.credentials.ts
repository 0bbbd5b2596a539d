import { bearerToken } from '@ringback/contract';
import type { Credentials } from '@ringback/core';
import type { RequestedSession } from '@ringback/gateway-kit';

/** What a client says of itself when it connects. */
export interface HandshakeRequest {
  readonly auth: Readonly<Record<string, unknown>>;
  readonly headers: { readonly authorization?: string | undefined };
  readonly query: Readonly<Record<string, unknown>>;
}

/** The token: from `auth`, else from the `Authorization` header, else from the query, which browsers cannot do without. Throws `unauthorized`. */
export function credentialsOf({ auth, headers, query }: HandshakeRequest): Credentials {
  const token = own(auth, 'token') ?? bearerToken(headers.authorization) ?? own(query, 'access_token');
  return typeof token === 'string' ? { token } : {};
}

/** What it asks for as a durable subscriber: from `auth`, else from the query. */
export function requestedSessionOf({ auth, query }: HandshakeRequest): RequestedSession {
  return {
    subscriberId: own(auth, 'subscriberId') ?? own(query, 'subscriberId'),
    resume: own(auth, 'resume') ?? own(query, 'resume'),
  };
}

function own(record: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
