/**
 * Runs the tasks of one key one after the other, in the order in which they came, and those of different keys at the same time. A key
 * takes memory only while a task of it runs or waits. There is no bound on what waits: who needs one refuses before it calls `run`.
 */
export class KeyedQueue<Key> {
  private readonly tails = new Map<Key, Promise<unknown>>();

  /** How many keys have a task that runs or waits. */
  get size(): number {
    return this.tails.size;
  }

  /** Whether a task of this key runs or waits; no longer so once the result of its last task is known. */
  isBusy(key: Key): boolean {
    return this.tails.has(key);
  }

  /** Resolves or rejects as the task does. A task that fails does not stop those behind it. */
  run<Result>(key: Key, task: () => Result | Promise<Result>): Promise<Result> {
    const previous = this.tails.get(key) ?? Promise.resolve();
    const result = previous.then(task).finally(() => this.removeIfLast(key, tail));
    const tail = result.catch(() => undefined); // reported to the caller of `run`
    this.tails.set(key, tail);
    return result;
  }

  private removeIfLast(key: Key, tail: Promise<unknown>): void {
    if (this.tails.get(key) === tail) this.tails.delete(key);
  }
}
