import type { Identity } from './ports/access-policy.port.js';

/**
 * The key under which the answer to a trigger is remembered: that of one identity is never another's, whatever their names and keys are. Bridges have
 * theirs together, so that what comes by several ways is published once; no other identity can name one of those.
 */
export function scopedKey({ name, unmetered }: Identity, key: string): string {
  return unmetered ? `bridge ${key}` : `${name.length} ${name} ${key}`;
}
