import { describe, expect, it } from '@jest/globals';
import { completeOptions, type RingbackOptions } from './ringback.options.js';

describe('completeOptions', () => {
  it('fills in a default for what is undefined', () => {
    const options = {
      nodeId: undefined,
      leaseMs: undefined,
      limits: { dataBytes: undefined, cookieBytes: 7 },
      history: { bytes: undefined },
      redis: { url: 'redis://a', prefix: undefined },
    } as unknown as RingbackOptions;
    expect(completeOptions(options)).toEqual({
      ...completeOptions({}),
      nodeId: expect.any(String),
      limits: { ...completeOptions({}).limits, cookieBytes: 7 },
      redis: { url: 'redis://a', prefix: 'rb' },
    });
  });

  it('refuses a nodeId that identifiers cannot hold', () => {
    for (const nodeId of ['', 'a.b', 'a b', 'ä', 'x'.repeat(65)])
      expect(() => completeOptions({ nodeId })).toThrow('is not 1–64 of 0-9 A-Z a-z _ -.');
    expect(completeOptions({ nodeId: 'Node_1-a' }).nodeId).toBe('Node_1-a');
  });
});
