import type { Timers } from '@ringback/signalr';

interface Due {
  readonly atMs: number;
  readonly run: () => void;
}

/** A clock that a spec moves. */
export class ManualTimers implements Timers {
  private now = 0;
  private readonly due = new Set<Due>();

  /** How many timers run. */
  get pending(): number {
    return this.due.size;
  }

  nowMs(): number {
    return this.now;
  }

  after(delayMs: number, run: () => void): () => void {
    const due = { atMs: this.now + delayMs, run };
    this.due.add(due);
    return () => this.due.delete(due);
  }

  every(intervalMs: number, run: () => void): () => void {
    let cancel = (): unknown => undefined;
    const again = (): void => {
      cancel = this.after(intervalMs, () => {
        again();
        run();
      });
    };
    again();
    return () => cancel();
  }

  pass(durationMs: number): void {
    this.now += durationMs;
    for (const one of this.due) {
      if (one.atMs > this.now) continue;
      this.due.delete(one);
      one.run();
    }
  }
}
