import { describe, expect, it } from '@jest/globals';
import { VerifiedTokens } from './verified-tokens.js';

const verified = { claims: {} };

describe('VerifiedTokens', () => {
  it('remembers for a minute, and no longer than to the end of the token', () => {
    const tokens = new VerifiedTokens();
    tokens.add('long', verified, 0);
    tokens.add('short', { ...verified, expiresAt: 1_000 }, 0);
    expect([tokens.find('long', 59_999), tokens.find('short', 999)]).toEqual([
      verified,
      { ...verified, expiresAt: 1_000 },
    ]);
    expect([tokens.find('long', 60_000), tokens.find('short', 1_000), tokens.find('none', 0)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('keeps the latest 10,000', () => {
    const tokens = new VerifiedTokens();
    for (let count = 0; count <= 10_000; count++) tokens.add(`token ${count}`, verified, 0);
    expect(tokens.size).toBe(10_000);
    expect(tokens.find('token 0', 0)).toBeUndefined();
    expect(tokens.find('token 1', 0)).toBe(verified);
  });

  it('keeps 8 MiB of long ones', () => {
    const tokens = new VerifiedTokens();
    const token = (count: number) => String(count).padEnd(8_192, 'x');
    for (let count = 0; count < 1_100; count++) tokens.add(token(count), verified, 0);
    expect(tokens.size).toBe(1_024);
    expect(tokens.find(token(1_099), 0)).toBe(verified);
  });

  it('lets go of what is over as others come, and counts a token that comes again once', () => {
    const tokens = new VerifiedTokens();
    for (let count = 0; count < 100; count++) tokens.add(`token ${count}`, verified, 0);
    for (let count = 0; count < 100; count++) tokens.add('again', verified, 60_000);
    expect(tokens.size).toBe(1);
  });
});
