import type { Clock } from './ports/clock.port.js';

/** Tells, to who asks often, whether something is due that is done seldom. */
export class Interval {
  private doneAt: number;

  constructor(
    private readonly clock: Clock,
    private readonly everyMs: number,
  ) {
    this.doneAt = clock.now();
  }

  /** Whether it is due; asking counts as doing it. */
  isDue(): boolean {
    const now = this.clock.now();
    if (now - this.doneAt < this.everyMs) return false;
    this.doneAt = now;
    return true;
  }
}
