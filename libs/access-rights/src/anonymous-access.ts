import { HubError } from '@ringback/contract';
import type { Identity } from '@ringback/core';
import { CompiledRights } from './compiled-rights.js';
import { InvalidRightsError } from './invalid-rights.error.js';
import { parseRights } from './parse-rights.js';
import type { Rights } from './rights.js';

/** Whoever names nobody, as part of the names of what it leaves behind. */
export const ANONYMOUS_NAME = 'anonymous';

const EVERY_OTHER = '*';

/** Rights of who shows no token, by the name of the gateway through which they come; `*` is for every gateway that is not named. */
export type AnonymousRights = Readonly<Record<string, Rights>>;

/** Takes them from outside. Throws `InvalidRightsError`, whose place begins with the gateway. */
export function parseAnonymousRights(value: unknown): AnonymousRights {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidRightsError('the value', 'is no object with rights by gateway');
  return Object.fromEntries(
    Object.entries(value).map(([gateway, rights]) => [gateway, parseAt(gateway, rights)]),
  );
}

function parseAt(gateway: string, rights: unknown): Rights {
  try {
    return parseRights(rights);
  } catch (error) {
    if (!(error instanceof InvalidRightsError)) throw error;
    throw new InvalidRightsError(`${JSON.stringify(gateway.slice(0, 64))}: ${error.place}`, error.problem);
  }
}

/** Who is let in without a token. */
export class AnonymousAccess {
  private readonly rights = new WeakMap<Identity, CompiledRights>();
  private readonly identities: ReadonlyMap<string, Identity>;

  constructor(rights: AnonymousRights) {
    const entries = Object.entries(rights).map(([gateway, own]) => [gateway, this.keep(own)] as const);
    this.identities = new Map(entries);
  }

  /** Throws `unauthorized` where the gateway has no rights for it. */
  identify(gateway = EVERY_OTHER): Identity {
    const identity = this.identities.get(gateway) ?? this.identities.get(EVERY_OTHER);
    if (!identity) throw new HubError('unauthorized');
    return identity;
  }

  rightsOf(identity: Identity): CompiledRights | undefined {
    return this.rights.get(identity);
  }

  private keep(rights: Rights): Identity {
    const identity = Object.freeze({ name: ANONYMOUS_NAME, anonymous: true });
    this.rights.set(identity, new CompiledRights(rights));
    return identity;
  }
}
