import { bearerToken, HubError, parseSubscriberId } from '@ringback/contract';
import type { Credentials, Identity, SessionRequest } from '@ringback/core';

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

/**
 * The session of a named subscriber: `subscriberId` and `resume`, from `auth`, else from the query; who says nothing is the subscriber of its
 * token, if that is bound to one. Throws `bad-request`, and `forbidden` where the token is another subscriber's: the hub would say so too,
 * but only to a client that is connected already.
 */
export function wantedSession({ auth, query }: Handshake, identity: Identity): SessionRequest | undefined {
  const wanted = own(auth, 'subscriberId') ?? own(query, 'subscriberId') ?? identity.subscriberId;
  if (wanted == null) return undefined;
  const subscriberId = parseSubscriberId(wanted);
  if (subscriberId !== (identity.subscriberId ?? subscriberId)) {
    throw new HubError('forbidden', 'The token is of another subscriberId.');
  }
  return { subscriberId, resume: readResume({ auth, query }) };
}

function readResume({ auth, query }: Pick<Handshake, 'auth' | 'query'>): SessionRequest['resume'] {
  const resume = own(auth, 'resume') ?? own(query, 'resume') ?? 'on-connect';
  if (resume !== 'on-connect' && resume !== 'on-subscribe') {
    throw new HubError('bad-request', "resume is neither 'on-connect' nor 'on-subscribe'.");
  }
  return resume;
}

function own(record: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
