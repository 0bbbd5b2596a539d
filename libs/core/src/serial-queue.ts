/** Runs tasks one after the other, in the order in which they came; a failed one does not stop the next. */
export class SerialQueue {
  private tail: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  /** Whether nothing runs or waits. */
  get idle(): boolean {
    return this.waiting === 0;
  }

  /** Resolves or rejects as the task does. */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    this.waiting++;
    const result = this.tail.then(task).finally(() => {
      this.waiting--;
    });
    this.tail = result.catch(() => 'told to whoever called run');
    return result;
  }
}
