import { describe, expect, it } from '@jest/globals';
import { metaTtlMs, SESSION_TTL_MS } from './history-limits.js';

describe('metaTtlMs', () => {
  it('outlives the longest history, every session and every key', () => {
    const longestMs = 3 * SESSION_TTL_MS;
    expect(metaTtlMs(undefined, SESSION_TTL_MS)).toBe(SESSION_TTL_MS);
    expect(metaTtlMs({ overrides: [{ pattern: '*', ageMs: longestMs }] }, 1)).toBe(longestMs);
    expect(metaTtlMs({ ageMs: 1 }, 1)).toBe(300_000);
  });
});
