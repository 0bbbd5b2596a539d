import { describe, expect, it } from '@jest/globals';
import { parseEventGuid } from '@ringback/contract';
import { HistoryPolicy } from './history-policy.js';

const MINUTE_MS = 60_000;

describe('HistoryPolicy', () => {
  it('keeps 1,000 envelopes, ten minutes and 1 MiB where nothing is said', () => {
    const limits = new HistoryPolicy().limitsOf(parseEventGuid('any'));
    expect(limits).toEqual({ envelopes: 1_000, ageMs: 600_000, bytes: 1_048_576 });
  });

  it('goes by the first override whose pattern fits', () => {
    const policy = new HistoryPolicy({
      envelopes: 10,
      overrides: [
        { pattern: 'chat/*/room', envelopes: 20 },
        { pattern: 'chat/*', envelopes: 30, bytes: 1 },
      ],
    });
    const of = (text: string) => policy.limitsOf(parseEventGuid(text));
    expect(of('chat/a/b/room')).toMatchObject({ envelopes: 20, bytes: 1_048_576 });
    expect(of('chat/a')).toMatchObject({ envelopes: 30, bytes: 1 });
    expect(of('other/chat/a')).toMatchObject({ envelopes: 10 });
  });

  it('takes everything but the asterisk literally', () => {
    const policy = new HistoryPolicy({ overrides: [{ pattern: 'a.b(*)[c]', envelopes: 1 }] });
    expect(policy.limitsOf(parseEventGuid('a.b(x)[c]')).envelopes).toBe(1);
    expect(policy.limitsOf(parseEventGuid('axb(x)c')).envelopes).toBe(1_000);
  });

  it('knows the longest age of any history', () => {
    expect(new HistoryPolicy().longestAgeMs).toBe(10 * MINUTE_MS);
    const overrides = [
      { pattern: 'long', ageMs: 30 * MINUTE_MS },
      { pattern: '*', ageMs: MINUTE_MS },
    ];
    expect(new HistoryPolicy({ overrides }).longestAgeMs).toBe(30 * MINUTE_MS);
  });
});
