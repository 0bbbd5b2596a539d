import { HistoryPolicy, type HistoryOptions } from '@ringback/core';

/** How long the answer to a trigger with a key is remembered. */
export const KEY_WINDOW_MS = 5 * 60_000;

/** How long the session of a named subscriber outlives its last connection, and a cut waits to be acknowledged. */
export const SESSION_TTL_MS = 24 * 3_600_000;

/** How long the meta of an event outlives its last subscription: the longest of what may still refer to it. */
export function metaTtlMs(history: HistoryOptions | undefined, sessionTtlMs: number): number {
  return Math.max(KEY_WINDOW_MS, sessionTtlMs, new HistoryPolicy(history).longestAgeMs);
}
