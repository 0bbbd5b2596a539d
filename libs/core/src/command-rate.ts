import type { Limits } from '@ringback/contract';
import type { AccessPolicy, Identity } from './ports/access-policy.port.js';

/** How many commands a client may send: so many a second in the long run, and so many at once. */
export interface CommandRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** `undefined` where there is no bound: everybody may do everything, or the identity may close everybody's connections or is a bridge. */
export function rateOf(access: AccessPolicy, limits: Limits, identity?: Identity): CommandRate | undefined {
  if (access.isOpen) return undefined;
  if (!identity || identity.anonymous)
    return { perSecond: limits.anonymousCommandsPerSecond, burst: limits.anonymousCommandBurst };
  if (identity.unmetered || access.allows(identity, 'connections')) return undefined;
  return { perSecond: limits.commandsPerSecond, burst: limits.commandBurst };
}
