import type { Claims, Log } from '@ringback/core';

/** After so long without a sign of life of an agent, another may take its hubs over. */
const CLAIM_MS = 6_000;
const RENEWALS = 3;

/** A claim that is renewed until it is released or lost. */
export class HeldClaim {
  private readonly timer: NodeJS.Timeout;
  private renewedAt: number;
  private renewing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly claims: Claims,
    private readonly name: string,
    private readonly holder: string,
    private readonly onLost: () => void,
    private readonly log: Log,
  ) {
    this.renewedAt = performance.now();
    this.timer = setInterval(() => this.renewNext(), CLAIM_MS / RENEWALS);
  }

  /** `undefined` if another has it. `onLost` is called at most once, when others may have it. */
  static async take(
    { claims, log }: { readonly claims: Claims; readonly log: Log },
    name: string,
    holder: string,
    onLost: () => void,
  ): Promise<HeldClaim | undefined> {
    const isOurs = await claims.claim(name, holder, CLAIM_MS);
    return isOurs ? new HeldClaim(claims, name, holder, onLost, log) : undefined;
  }

  /** Others may have it at once. */
  async release(): Promise<void> {
    clearInterval(this.timer);
    await this.renewing;
    await this.claims.release(this.name, this.holder);
  }

  private renewNext(): void {
    this.renewing = this.renewing.then(() => this.renew());
  }

  private async renew(): Promise<void> {
    const askedAt = performance.now();
    try {
      if (!(await this.claims.claim(this.name, this.holder, CLAIM_MS))) return this.lose();
      this.renewedAt = askedAt;
    } catch (error) {
      this.log.warn('claim not renewed', { claim: this.name, error });
      if (performance.now() + CLAIM_MS / RENEWALS > this.renewedAt + CLAIM_MS) this.lose();
    }
  }

  private lose(): void {
    clearInterval(this.timer);
    this.onLost();
  }
}
