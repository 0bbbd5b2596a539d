import { describe, expect, it } from '@jest/globals';
import { FakeClock } from './fake-clock.js';
import { MemoryClaims } from './memory-claims.js';

describe('MemoryClaims', () => {
  it('forgets the claims that have ended, though nobody asks for them again', async () => {
    const clock = new FakeClock();
    const claims = new MemoryClaims(clock);
    await claims.claim('long', 'a', 60_000);
    for (let index = 0; index < 1_000; index++) {
      await claims.claim(`short-${index}`, 'a', 1_500);
      clock.advance(10);
    }
    expect(claims.size).toBeLessThan(300);
    clock.advance(2_000);
    await claims.claim('last', 'a', 1);
    expect(claims.size).toBe(2);
    expect(await claims.claim('long', 'b', 1)).toBe(false);
  });
});
