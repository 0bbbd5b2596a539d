/** Bounds of a delay that doubles with each attempt. */
export interface DelayBounds {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

/**
 * The delay after so many failed attempts: between half of a bound that doubles and the whole. Never nothing, since whoever failed wants
 * time; never the same, since many fail at once when a server does.
 */
export function retryDelayMs(attempts: number, bounds: DelayBounds, random = Math.random): number {
  const bound = Math.min(bounds.maxDelayMs, bounds.minDelayMs * 2 ** (attempts - 1));
  return Math.round(bound * (0.5 + random() / 2));
}
