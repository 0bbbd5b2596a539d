import type { VerifiedToken } from '@ringback/core';
import { createHash } from 'node:crypto';

/** A key that its issuer takes back counts for so much longer. */
const MAX_AGE_MS = 60_000;
const MAX_TOKENS = 10_000;
/** Of the tokens' text; what they say takes a few times as much. */
const MAX_BYTES = 8 * 2 ** 20;

interface Kept {
  readonly verified: VerifiedToken;
  readonly bytes: number;
  readonly until: number;
}

/** Tokens that were found good within the last minute, by their digest, so that clients that come back at once, or with every request, cost one signature. */
export class VerifiedTokens {
  private readonly kept = new Map<string, Kept>();
  private bytes = 0;

  /** What the token says, if it was found good lately and is not over. */
  find(token: string, now: number): VerifiedToken | undefined {
    const kept = this.kept.get(digestOf(token));
    return kept && kept.until > now ? kept.verified : undefined;
  }

  add(token: string, verified: VerifiedToken, now: number): void {
    const digest = digestOf(token);
    this.remove(digest);
    const until = Math.min(verified.expiresAt ?? Infinity, now + MAX_AGE_MS);
    this.kept.set(digest, { verified, bytes: token.length, until });
    this.bytes += token.length;
    this.evict(now);
  }

  get size(): number {
    return this.kept.size;
  }

  /** Oldest first: what is over, and what is too much. */
  private evict(now: number): void {
    for (const [digest, { until }] of this.kept) {
      if (until > now && this.kept.size <= MAX_TOKENS && this.bytes <= MAX_BYTES) return;
      this.remove(digest);
    }
  }

  private remove(digest: string): void {
    const kept = this.kept.get(digest);
    if (!kept) return;
    this.bytes -= kept.bytes;
    this.kept.delete(digest);
  }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
