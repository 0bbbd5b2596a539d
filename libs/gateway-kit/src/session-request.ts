import { HubError, parseSubscriberId } from '@ringback/contract';
import type { Identity, SessionRequest } from '@ringback/core';

/** What a client says of itself when it connects, wherever its protocol has it say so. */
export interface RequestedSession {
  readonly subscriberId?: unknown;
  readonly resume?: unknown;
}

/**
 * The session of a durable subscriber; `undefined` for an ephemeral one. A client that says nothing is the subscriber of its token, if that is bound
 * to one. Throws `bad-request`, and `forbidden` where the token is another subscriber's: the hub would say so too, but only once it is connected.
 */
export function parseSessionRequest(
  { subscriberId, resume }: RequestedSession,
  identity: Identity,
): SessionRequest | undefined {
  const requested = subscriberId ?? identity.subscriberId;
  if (requested === undefined) return undefined;
  const parsed = parseSubscriberId(requested);
  if (parsed !== (identity.subscriberId ?? parsed)) {
    throw new HubError('forbidden', 'The token is of another subscriberId.');
  }
  return { subscriberId: parsed, resume: parseResume(resume) };
}

function parseResume(resume: unknown): SessionRequest['resume'] {
  if (resume === undefined || resume === null) return 'on-connect';
  if (resume === 'on-connect' || resume === 'on-subscribe') return resume;
  throw new HubError('bad-request', "resume is neither 'on-connect' nor 'on-subscribe'.");
}
