/** Growing pauses between attempts, half of each left to chance so that not all come back at once. */
export class BackOff {
  private attempts = 0;

  constructor(
    private readonly minDelayMs: number,
    private readonly maxDelayMs: number,
  ) {}

  /** The pause before the next attempt, in milliseconds. */
  next(): number {
    const delayMs = Math.min(this.maxDelayMs, this.minDelayMs * 2 ** Math.min(this.attempts++, 30));
    return delayMs * (0.5 + Math.random() / 2);
  }

  /** An attempt has succeeded: the next pause is a short one. */
  reset(): void {
    this.attempts = 0;
  }
}
