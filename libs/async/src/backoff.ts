export interface BackoffOptions {
  /** Upper bound of the first delay, in milliseconds. */
  readonly minDelayMs: number;
  /** Upper bound of every delay, in milliseconds. */
  readonly maxDelayMs: number;
  /** A number from 0 up to 1. Default: `Math.random` */
  readonly random?: () => number;
}

/**
 * The delays between attempts: each anywhere between 0 and a bound that doubles. Full jitter, because those who lost the same peer at
 * the same moment must not come back at the same moment.
 */
export class Backoff {
  private readonly random: () => number;
  private boundMs: number;

  constructor(private readonly options: BackoffOptions) {
    this.random = options.random ?? Math.random;
    this.boundMs = options.minDelayMs;
  }

  /** The delay before the next attempt, in whole milliseconds. */
  next(): number {
    const boundMs = Math.min(this.boundMs, this.options.maxDelayMs);
    this.boundMs = boundMs * 2;
    return Math.round(this.random() * boundMs);
  }

  /** Call it when an attempt has succeeded: the next delay is a short one again. */
  reset(): void {
    this.boundMs = this.options.minDelayMs;
  }
}
