/** Random numbers that a seed repeats. */
export class Random {
  constructor(private seed: number) {}

  /** From 0, below 1. */
  next(): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0, below the bound. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Lets a few turns of the event loop pass, or none. */
  async turns(most: number): Promise<void> {
    for (let turn = this.below(most + 1); turn > 0; turn--) {
      await new Promise<void>((resume) => void setImmediate(resume));
    }
  }
}
