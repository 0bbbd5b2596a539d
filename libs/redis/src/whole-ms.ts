/** Redis takes no part of a millisecond, and none at all for none. */
export function wholeMs(ms: number): number {
  return Math.max(1, Math.ceil(ms));
}
