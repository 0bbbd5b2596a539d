import type { Clock } from '../src/clock.js';

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/** Time that passes only when a test says so. */
export class ManualClock implements Clock {
  private present = 0;
  private readonly timers = new Set<Timer>();

  now(): number {
    return this.present;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { at: this.present + delayMs, task };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  advance(ms: number): void {
    this.present += ms;
    for (const timer of this.timers) {
      if (timer.at > this.present) continue;
      this.timers.delete(timer);
      timer.task();
    }
  }
}
