import type { Timers } from '../../timers.js';

interface Due {
  atMs: number;
  readonly everyMs?: number;
  readonly run: () => void;
}

/** A clock that a spec moves. */
export class ManualTimers implements Timers {
  private now = 0;
  private readonly due = new Set<Due>();

  nowMs(): number {
    return this.now;
  }

  after(delayMs: number, run: () => void): () => void {
    return this.add({ atMs: this.now + delayMs, run });
  }

  every(intervalMs: number, run: () => void): () => void {
    return this.add({ atMs: this.now + intervalMs, everyMs: intervalMs, run });
  }

  get pending(): number {
    return this.due.size;
  }

  pass(durationMs: number): void {
    const endMs = this.now + durationMs;
    for (let next = this.next(endMs); next !== undefined; next = this.next(endMs)) {
      this.now = next.atMs;
      if (next.everyMs === undefined) this.due.delete(next);
      else next.atMs += next.everyMs;
      next.run();
    }
    this.now = endMs;
  }

  private add(due: Due): () => void {
    this.due.add(due);
    return () => this.due.delete(due);
  }

  private next(untilMs: number): Due | undefined {
    const ripe = [...this.due].filter(({ atMs }) => atMs <= untilMs);
    return ripe.sort((a, b) => a.atMs - b.atMs)[0];
  }
}
