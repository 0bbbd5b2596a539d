import { HubError, type EventGuid } from '@ringback/contract';
import type {
  AccessPolicy,
  Action,
  Credentials,
  Identity,
  TokenVerifier,
  VerifiedToken,
} from '@ringback/core';
import { AnonymousAccess, type AnonymousRights } from './anonymous-access.js';
import { CompiledRights } from './compiled-rights.js';
import { identityOf, rightsIn } from './token-identity.js';

const DEFAULT_CLAIM = 'ringback';
const NO_RIGHTS = new CompiledRights({});

/** Who knows whom. */
export interface RightsAccessOptions {
  /** Asked first, in this order; what they let their own do is theirs to say. */
  readonly policies?: readonly AccessPolicy[];
  /** Asked about a token that none of them knows. */
  readonly verifier?: TokenVerifier;
  /** The claim of a verified token that holds its rights. Default `ringback`. */
  readonly claim?: string;
  /** Absent: nobody is let in without a token. */
  readonly anonymous?: AnonymousRights;
}

/** An access policy by rights: of those whom other policies know, of those whose token a verifier vouches for, and of those who show none. */
export class RightsAccess implements AccessPolicy {
  private readonly policies: readonly AccessPolicy[];
  private readonly anonymous: AnonymousAccess;
  private readonly policyOf = new WeakMap<Identity, AccessPolicy>();
  private readonly rights = new WeakMap<Identity, CompiledRights>();

  /** Throws `InvalidRightsError` for anonymous rights with a pattern that is none. */
  constructor(private readonly options: RightsAccessOptions) {
    this.policies = options.policies ?? [];
    this.anonymous = new AnonymousAccess(options.anonymous ?? {});
  }

  /** A token that is shown counts, good or not: who shows a wrong one is not taken for somebody without. */
  async authenticate(credentials: Credentials): Promise<Identity> {
    const { token, gateway } = credentials;
    if (token === undefined) return this.anonymous.identify(gateway);
    return (await this.askPolicies(credentials)) ?? this.verify(token, gateway);
  }

  allows(identity: Identity, action: Action, eventguid?: EventGuid): boolean {
    const rights = this.rightsOf(identity);
    if (rights) return rights.allows(action, eventguid);
    return this.policyOf.get(identity)?.allows(identity, action, eventguid) ?? false;
  }

  allowsSubscriber(identity: Identity, subscriberId: string): boolean {
    const rights = this.rightsOf(identity);
    if (rights) return rights.allowsSubscriber(subscriberId);
    const policy = this.policyOf.get(identity);
    return policy !== undefined && (policy.allowsSubscriber?.(identity, subscriberId) ?? true);
  }

  private rightsOf(identity: Identity): CompiledRights | undefined {
    return this.rights.get(identity) ?? this.anonymous.rightsOf(identity);
  }

  private async askPolicies(credentials: Credentials): Promise<Identity | undefined> {
    for (const policy of this.policies) {
      const identity = await policy.authenticate(credentials).catch(unlessUnknown);
      if (!identity) continue;
      this.policyOf.set(identity, policy);
      return identity;
    }
    return undefined;
  }

  /** A token that names nobody and says no rights has those of who shows none. */
  private async verify(token: string, gateway: string | undefined): Promise<Identity> {
    const { verifier, claim = DEFAULT_CLAIM } = this.options;
    if (!verifier || token === '') throw new HubError('unauthorized');
    const verified: VerifiedToken = await verifier.verify(token);
    const rights = rightsIn(verified, claim);
    if (!rights && verified.subject === undefined) return this.anonymous.identify(gateway);
    const identity = identityOf(verified);
    this.rights.set(identity, rights ?? NO_RIGHTS);
    return identity;
  }
}

/** Somebody else may know who it is; what cannot be told now ends the search. */
function unlessUnknown(error: unknown): undefined {
  if (HubError.from(error).code !== 'unauthorized') throw error;
}
