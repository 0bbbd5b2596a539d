import type { Clock } from '@ringback/core';

/** A task that waits for its time. */
interface Timer {
  readonly dueAt: number;
  readonly task: () => void;
}

/** Time under the control of a test: it stands still until the test moves it. */
export class FakeClock implements Clock {
  private timers: readonly Timer[] = [];
  private turnTasks: (() => void)[] = [];

  constructor(private time = Date.UTC(2026, 0, 1)) {}

  now(): number {
    return this.time;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { dueAt: this.time + Math.max(0, delayMs), task };
    this.timers = [...this.timers, timer];
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  nextTurn(task: () => void): void {
    this.turnTasks.push(task);
  }

  /** Lets time pass: runs what falls due, in order of its time, and what that schedules within the time. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (let timer = this.next(end); timer; timer = this.next(end)) {
      const due = timer;
      this.timers = this.timers.filter((other) => other !== due);
      this.time = Math.max(this.time, due.dueAt);
      due.task();
    }
    this.time = end;
  }

  /** Ends the turn: runs what waits for the next one. What these tasks put off waits for the turn after. */
  turn(): void {
    const tasks = this.turnTasks;
    this.turnTasks = [];
    for (const task of tasks) task();
  }

  private next(end: number): Timer | undefined {
    const due = this.timers.filter(({ dueAt }) => dueAt <= end);
    return due.reduce<Timer | undefined>(
      (first, timer) => (first && first.dueAt <= timer.dueAt ? first : timer),
      undefined,
    );
  }
}
