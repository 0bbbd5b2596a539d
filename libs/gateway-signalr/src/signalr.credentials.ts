import { bearerToken, HubError, parseSubscriberId } from '@ringback/contract';
import type { Credentials, Identity, SessionRequest } from '@ringback/core';

/** What a client showed with a request. */
export interface Shown {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
}

/** The token: from the `Authorization` header, else from the query, which browsers cannot do without. Throws `unauthorized`. */
export function credentialsOf({ headers, query }: Shown): Credentials {
  const token = bearerToken(headers['authorization']) ?? query.get('access_token');
  return token ? { token } : {};
}

/**
 * The session of a named subscriber: `subscriberId` and `resume` from the query; who says nothing is the subscriber of its token, if that is
 * bound to one. Throws `bad-request`, and `forbidden` where the token is another subscriber's.
 */
export function wantedSession(
  { query }: Pick<Shown, 'query'>,
  identity: Identity,
): SessionRequest | undefined {
  const wanted = query.get('subscriberId') ?? identity.subscriberId;
  if (wanted === undefined) return undefined;
  const subscriberId = parseSubscriberId(wanted);
  if (subscriberId !== (identity.subscriberId ?? subscriberId)) {
    throw new HubError('forbidden', 'The token is of another subscriberId.');
  }
  return { subscriberId, resume: readResume(query) };
}

function readResume(query: URLSearchParams): SessionRequest['resume'] {
  const resume = query.get('resume') ?? 'on-connect';
  if (resume === 'on-connect' || resume === 'on-subscribe') return resume;
  throw new HubError('bad-request', "resume is neither 'on-connect' nor 'on-subscribe'.");
}
