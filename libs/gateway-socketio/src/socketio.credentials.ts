import { bearerToken } from '@ringback/contract';
import type { Credentials } from '@ringback/core';

/** What a client showed when it connected. */
export interface Handshake {
  readonly auth: Readonly<Record<string, unknown>>;
  readonly headers: { readonly authorization?: string | undefined };
  readonly query: Readonly<Record<string, unknown>>;
}

/** The token: from `auth`, else from the `Authorization` header, else from the query, which browsers cannot do without. Throws `unauthorized`. */
export function credentialsOf({ auth, headers, query }: Handshake): Credentials {
  const token = own(auth, 'token') ?? bearerToken(headers.authorization) ?? own(query, 'access_token');
  return typeof token === 'string' ? { token } : {};
}

function own(record: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
