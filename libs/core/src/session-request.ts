import { HubError, parseSubscriberId } from '@ringback/contract';
import { NamedSession, subscriberName, type ResumeMode } from './named-session.js';
import type { AccessPolicy, Identity } from './ports/access-policy.port.js';

/** Makes a connection that of a named subscriber. */
export interface SessionRequest {
  /** Within the identity; see `parseSubscriberId`. */
  readonly subscriberId: string;
  readonly resume: ResumeMode;
}

/** The session that a connection is to have; `undefined` for an ephemeral subscriber. Throws `bad-request`, or `forbidden` for who may not be that subscriber. */
export function nameSession(
  access: Pick<AccessPolicy, 'allowsSubscriber'>,
  identity: Identity,
  request: SessionRequest | undefined,
): NamedSession | undefined {
  const subscriberId = request?.subscriberId ?? identity.subscriberId;
  if (subscriberId === undefined) return undefined;
  if (identity.subscriberId !== undefined && identity.subscriberId !== subscriberId) {
    throw new HubError('forbidden', 'The identity is another subscriber.');
  }
  const name = subscriberName(identity.name, parseSubscriberId(subscriberId));
  if (access.allowsSubscriber?.(identity, subscriberId) === false)
    throw new HubError('forbidden', 'The right to be this durable subscriber is missing.');
  return new NamedSession(name, request?.resume ?? 'on-connect');
}
