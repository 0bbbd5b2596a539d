/** How long to wait before the next attempt. */
export interface BackoffOptions {
  /** Upper bound of the first delay. */
  readonly minDelayMs: number;
  /** Upper bound of every delay. */
  readonly maxDelayMs: number;
  /** A number from 0 up to 1, as `Math.random` gives it. */
  readonly random: () => number;
}

/**
 * The delay before an attempt, the first being 1: anything from 0 to a bound that doubles. Full jitter, because clients that
 * lost the same node at the same moment must not come back at the same moment.
 */
export function backoffMs(attempt: number, options: BackoffOptions): number {
  const bound = Math.min(options.maxDelayMs, options.minDelayMs * 2 ** (attempt - 1));
  return Math.round(options.random() * bound);
}
