import { describe, expect, it } from '@jest/globals';
import { hashSlot } from './hash-slot.js';

describe('hashSlot', () => {
  // What CLUSTER KEYSLOT answers.
  it.each([
    ['123456789', 12739],
    ['foo', 12182],
    ['rb:{foo}:meta', 12182],
    ['{foo}{bar}', 12182],
    ['foo{}bar', 14292],
    ['{🔔}', 7255],
    ['', 0],
  ])('puts %j where Redis puts it', (name, slot) => {
    expect(hashSlot(name)).toBe(slot);
  });
});
