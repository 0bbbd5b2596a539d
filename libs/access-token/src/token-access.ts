import { CompiledRights, type Rights } from '@ringback/access-rights';
import { HubError, parseSubscriberId } from '@ringback/contract';
import type { AccessPolicy, Action, Credentials, Identity } from '@ringback/core';
import { createHash, timingSafeEqual } from 'node:crypto';
import { rightsOf, type GrantedAction } from './granted-actions.js';

/** A bearer token, who shows it, and what they may do. */
export type TokenGrant = {
  readonly token: string;
  readonly name: string;
  /** The only named subscriber that its holder may be; absent where it may choose among those that its rights allow. */
  readonly subscriberId?: string;
  /** Its holder may send as many commands a second as it likes. */
  readonly unmetered?: boolean;
} & Granted;

/** What is granted: everything of some kinds, or exactly these rights, where `{sub}` is the name. */
type Granted =
  | { readonly actions: readonly GrantedAction[]; readonly rights?: never }
  | { readonly rights: Rights; readonly actions?: never };

/** A grant as it is kept: its token only as a digest. */
interface KeptGrant {
  readonly digest: Buffer;
  readonly identity: Identity;
}

/** An access policy over a configured list of bearer tokens. */
export class TokenAccess implements AccessPolicy {
  private grants: readonly KeptGrant[];
  /** By the identity itself, not by its name: an object that merely looks like one may do nothing. */
  private readonly rights = new WeakMap<Identity, CompiledRights>();

  /** Throws for an empty token, `bad-request` for what is no subscriberId, and `InvalidRightsError`. */
  constructor(grants: readonly TokenGrant[]) {
    this.grants = grants.map((grant) => this.keep(grant));
  }

  /**
   * Whoever authenticates from now on is looked for in this list. Who has done so before keeps what it was granted. Throws as the constructor does, and
   * the old list stays.
   */
  replace(grants: readonly TokenGrant[]): void {
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

  allows(identity: Identity, action: Action, eventguid?: string): boolean {
    return this.rights.get(identity)?.allows(action, eventguid) ?? false;
  }

  /** The one that a token is bound to needs no other right. */
  allowsSubscriber(identity: Identity, subscriberId: string): boolean {
    const rights = this.rights.get(identity);
    return (
      rights !== undefined &&
      (identity.subscriberId === subscriberId || rights.allowsSubscriber(subscriberId))
    );
  }

  private keep({ token, name, subscriberId, unmetered, ...granted }: TokenGrant): KeptGrant {
    if (token === '') throw new HubError('internal', `The token of ${name} is empty.`);
    const bound = subscriberId === undefined ? {} : { subscriberId: parseSubscriberId(subscriberId) };
    const identity = Object.freeze({ name, ...bound, ...(unmetered && { unmetered }) });
    const rights = granted.rights ?? rightsOf(granted.actions);
    this.rights.set(identity, new CompiledRights(rights, { sub: name }));
    return { digest: digestOf(token), identity };
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
