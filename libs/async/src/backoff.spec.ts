import { describe, expect, it } from '@jest/globals';
import { Backoff } from './backoff.js';

const bounds = { minDelayMs: 100, maxDelayMs: 1_000 };

function delays(backoff: Backoff, count: number): readonly number[] {
  return Array.from({ length: count }, () => backoff.next());
}

describe('Backoff', () => {
  it('doubles the bound up to the maximum', () => {
    const backoff = new Backoff({ ...bounds, random: () => 1 });
    expect(delays(backoff, 6)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it('takes any delay below the bound', () => {
    const draws = [0, 0.5, 0.25];
    const backoff = new Backoff({ ...bounds, random: () => draws.shift() ?? 1 });
    expect(delays(backoff, 3)).toEqual([0, 100, 100]);
  });

  it('begins again after an attempt that succeeded', () => {
    const backoff = new Backoff({ ...bounds, random: () => 1 });
    delays(backoff, 5);
    backoff.reset();
    expect(delays(backoff, 2)).toEqual([100, 200]);
  });

  it('stays within the maximum for any number of attempts', () => {
    const backoff = new Backoff(bounds);
    expect(Math.max(...delays(backoff, 2_000))).toBeLessThanOrEqual(bounds.maxDelayMs);
  });
});
