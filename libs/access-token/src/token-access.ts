import { HubError, parseSubscriberId } from '@ringback/contract';
import type { AccessPolicy, Action, Credentials, Identity } from '@ringback/core';
import { createHash, timingSafeEqual } from 'node:crypto';
import { ACTIONS_OF, type GrantedAction } from './granted-actions.js';

/** A bearer token, who shows it, and what they may do. */
export interface TokenGrant {
  readonly token: string;
  readonly name: string;
  readonly actions: readonly GrantedAction[];
  /** The only named subscriber that its holder may be; absent where it may choose. */
  readonly subscriberId?: string;
  /** Its holder may send as many commands a second as it likes. */
  readonly unmetered?: boolean;
}

/** A grant as it is kept: its token only as a digest. */
interface KeptGrant {
  readonly digest: Buffer;
  readonly identity: Identity;
}

/** An access policy over a configured list of bearer tokens. */
export class TokenAccess implements AccessPolicy {
  private readonly grants: readonly KeptGrant[];
  /** By the identity itself, not by its name: an object that merely looks like one may do nothing. */
  private readonly actions = new WeakMap<Identity, ReadonlySet<Action>>();

  /** Throws for an empty token, and `bad-request` for what is no subscriberId. */
  constructor(grants: readonly TokenGrant[]) {
    this.grants = grants.map((grant) => this.keep(grant));
  }

  async authenticate({ token }: Credentials): Promise<Identity> {
    const digest = digestOf(token ?? '');
    // All are compared, so that the time taken tells nothing of which one it was.
    const matches = this.grants.map((grant) => timingSafeEqual(grant.digest, digest));
    const known = this.grants[matches.indexOf(true)];
    if (!token || !known) throw new HubError('unauthorized');
    return known.identity;
  }

  allows(identity: Identity, action: Action): boolean {
    return this.actions.get(identity)?.has(action) ?? false;
  }

  private keep({ token, name, actions, subscriberId, unmetered }: TokenGrant): KeptGrant {
    if (token === '') throw new HubError('internal', `The token of ${name} is empty.`);
    const bound = subscriberId === undefined ? {} : { subscriberId: parseSubscriberId(subscriberId) };
    const identity = Object.freeze({ name, ...bound, ...(unmetered && { unmetered }) });
    this.actions.set(identity, new Set(actions.flatMap((action) => ACTIONS_OF[action])));
    return { digest: digestOf(token), identity };
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
