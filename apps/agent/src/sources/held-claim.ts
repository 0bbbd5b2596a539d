import type { Claims, Log } from '@ringback/core';

/** How often a claim is renewed before it would be over. */
const RENEWALS = 3;

export interface HeldClaimParts {
  readonly claims: Claims;
  /** After so long without a sign of life of an agent, another may take its hubs over. */
  readonly leaseMs: number;
  readonly log: Log;
}

/** A claim that is renewed until it is released or lost. */
export class HeldClaim {
  private readonly timer: NodeJS.Timeout;
  private renewedAt: number;
  private renewing: Promise<void> = Promise.resolve();
  private isLost = false;

  private constructor(
    private readonly parts: HeldClaimParts,
    private readonly name: string,
    private readonly holder: string,
    private readonly onLost: () => void,
    askedAt: number,
  ) {
    this.renewedAt = askedAt;
    this.timer = setInterval(() => this.renewNext(), parts.leaseMs / RENEWALS);
  }

  /** `undefined` if another has it. `onLost` is called at most once, when others may have it. */
  static async take(
    parts: HeldClaimParts,
    name: string,
    holder: string,
    onLost: () => void,
  ): Promise<HeldClaim | undefined> {
    const askedAt = performance.now();
    const isOurs = await parts.claims.claim(name, holder, parts.leaseMs);
    return isOurs ? new HeldClaim(parts, name, holder, onLost, askedAt) : undefined;
  }

  /** Others may have it at once. */
  async release(): Promise<void> {
    clearInterval(this.timer);
    await this.renewing;
    await this.parts.claims.release(this.name, this.holder);
  }

  private renewNext(): void {
    this.renewing = this.renewing.then(() => this.renew());
  }

  private async renew(): Promise<void> {
    if (this.isLost) return;
    const { claims, leaseMs, log } = this.parts;
    const askedAt = performance.now();
    try {
      if (!(await claims.claim(this.name, this.holder, leaseMs))) return this.lose();
      this.renewedAt = askedAt;
    } catch (error) {
      log.warn('claim not renewed', { claim: this.name, error });
      if (performance.now() + leaseMs / RENEWALS > this.renewedAt + leaseMs) this.lose();
    }
  }

  private lose(): void {
    this.isLost = true;
    clearInterval(this.timer);
    this.onLost();
  }
}
