import type { Clock } from './clock.js';

/** Waits that can be cut short, all at once. */
export class Pauses {
  private readonly running = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  /** Resolves when the time is over, or at `endAll`. */
  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.running.delete(end);
        resolve();
      };
      const cancel = this.clock.after(delayMs, end);
      this.running.add(end);
    });
  }

  endAll(): void {
    for (const end of this.running) end();
  }
}
