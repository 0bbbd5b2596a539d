import type { CommandRate } from '@ringback/core';

const SECOND_MS = 1_000;

/** Bounds a rate in the long run, and lets bursts pass. What is spent beyond it is a debt that is paid first. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  /** Full at first. */
  constructor(
    private readonly rate: CommandRate,
    private readonly now: () => number,
  ) {
    this.tokens = rate.burst;
    this.filledAt = now();
  }

  get isEmpty(): boolean {
    if (this.tokens < 1) this.refill();
    return this.tokens < 1;
  }

  spend(): void {
    this.tokens -= 1;
  }

  private refill(): void {
    const { perSecond, burst } = this.rate;
    const now = this.now();
    this.tokens = Math.min(burst, this.tokens + ((now - this.filledAt) * perSecond) / SECOND_MS);
    this.filledAt = now;
  }
}
