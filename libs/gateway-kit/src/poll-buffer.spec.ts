import { describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS } from '@ringback/contract';
import { maxPollBufferBytes } from './poll-buffer.js';

describe('maxPollBufferBytes', () => {
  it('is 256 KiB, or four times the data where that is more', () => {
    expect(maxPollBufferBytes(DEFAULT_LIMITS)).toBe(256 * 1024);
    expect(maxPollBufferBytes({ ...DEFAULT_LIMITS, dataBytes: 100_000 })).toBe(400_000);
    expect(maxPollBufferBytes({ ...DEFAULT_LIMITS, dataBytes: 1_000 })).toBe(256 * 1024);
  });

  it('is what is configured', () => {
    expect(maxPollBufferBytes({ ...DEFAULT_LIMITS, pollBufferBytes: 5_000 })).toBe(5_000);
  });
});
