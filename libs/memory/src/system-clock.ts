import type { Clock } from '@ringback/core';

/** The time of the system. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = setTimeout(task, delayMs).unref();
    return () => clearTimeout(timer);
  }

  nextTurn(task: () => void): void {
    setImmediate(task);
  }
}
