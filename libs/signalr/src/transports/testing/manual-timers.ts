import type { Timers } from '../index.js';

/** Time that stands still until a spec moves it. */
export class ManualTimers implements Timers {
  #nowMs = 0;
  readonly #waiting = new Set<{ readonly atMs: number; readonly run: () => void }>();

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, run };
    this.#waiting.add(entry);
    return () => this.#waiting.delete(entry);
  }

  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let next = this.#next(untilMs); next; next = this.#next(untilMs)) {
      this.#nowMs = next.atMs;
      this.#waiting.delete(next);
      next.run();
    }
    this.#nowMs = untilMs;
  }

  #next(untilMs: number) {
    return [...this.#waiting].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
  }
}
