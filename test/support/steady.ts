import { setTimeout as pause } from 'node:timers/promises';

/** Does the same work so many times a second on average, without waiting for one before the next, until it is ended. */
export class Steady {
  private isOn = true;
  private done = 0;
  private readonly finished: Promise<void>;

  /** The work never rejects. */
  constructor(
    private readonly perSecond: number,
    private readonly work: () => Promise<void>,
  ) {
    this.finished = this.run();
  }

  /** Begins nothing more; what has begun goes on. */
  stop(): void {
    this.isOn = false;
  }

  /** Resolves when all that was begun is done. */
  async end(): Promise<void> {
    this.stop();
    await this.finished;
  }

  private async run(): Promise<void> {
    const begun: Promise<void>[] = [];
    const beganAt = performance.now();
    while (this.isOn) {
      // By the clock: thousands of deliveries a second hold this process up, which must not slow the work down.
      const due = ((performance.now() - beganAt) / 1_000) * this.perSecond;
      // But never more than a second's work under way: a machine that cannot keep up would fall behind without end.
      const allowed = this.done + this.perSecond;
      while (begun.length < Math.min(due, allowed)) begun.push(this.work().finally(() => this.done++));
      await pause(1_000 / this.perSecond);
    }
    await Promise.all(begun);
  }
}
