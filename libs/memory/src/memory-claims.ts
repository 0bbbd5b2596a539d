import type { Claims, Clock } from '@ringback/core';

interface HeldClaim {
  readonly holder: string;
  readonly endsAt: number;
}

const FORGET_EVERY_MS = 1_000;

/** The claims of a `MemoryCluster`; the same for all of its nodes. */
export class MemoryClaims implements Claims {
  private readonly claims = new Map<string, HeldClaim>();
  private forgottenAt = 0;

  constructor(private readonly clock: Clock) {}

  /** How many are remembered. */
  get size(): number {
    return this.claims.size;
  }

  async claim(name: string, holder: string, ttlMs: number): Promise<boolean> {
    const now = this.clock.now();
    this.forgetEnded(now);
    const held = this.claims.get(name);
    if (held && held.holder !== holder && now < held.endsAt) return false;
    this.claims.set(name, { holder, endsAt: now + ttlMs });
    return true;
  }

  async release(name: string, holder: string): Promise<void> {
    if (this.claims.get(name)?.holder === holder) this.claims.delete(name);
  }

  clear(): void {
    this.claims.clear();
  }

  /** Most names are claimed once and never again. */
  private forgetEnded(now: number): void {
    if (now - this.forgottenAt < FORGET_EVERY_MS) return;
    this.forgottenAt = now;
    for (const [name, { endsAt }] of this.claims) if (endsAt <= now) this.claims.delete(name);
  }
}
