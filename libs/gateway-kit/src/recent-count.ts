/** Counts what has happened within a time. */
export class RecentCount {
  private readonly times: number[] = [];

  constructor(
    private readonly limit: number,
    private readonly windowMs: number,
  ) {}

  /** It has happened once more; answers whether it has `limit` times within the time. */
  add(now: number): boolean {
    this.times.push(now);
    if (this.times.length > this.limit) this.times.shift();
    return this.times.length === this.limit && now - (this.times[0] ?? now) <= this.windowMs;
  }
}
