import { POSITIONS_KEPT_MS, type KeptPosition } from './kept-position.js';

interface Remembered {
  readonly offset: number;
  readonly until: number;
}

/** The positions of removed tickets, in memory. */
export class MemoryPositions {
  private readonly offsets = new Map<string, Remembered>();

  constructor(private readonly now: () => number) {}

  remember({ name, offset }: KeptPosition): void {
    const highest = Math.max(offset, this.offsets.get(name)?.offset ?? 0);
    this.offsets.delete(name); // so that the oldest stand first
    this.offsets.set(name, { offset: highest, until: this.now() + POSITIONS_KEPT_MS });
    this.forgetOld();
  }

  reaches({ name, offset }: KeptPosition): boolean {
    return (this.offsets.get(name)?.offset ?? 0) >= offset;
  }

  private forgetOld(): void {
    for (const [name, { until }] of this.offsets) {
      if (until > this.now()) return;
      this.offsets.delete(name);
    }
  }
}
