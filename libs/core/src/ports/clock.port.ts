/** Time, so that tests need not wait for it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs a task once after a delay, unless cancelled by calling what this returns. Does not keep the process alive. */
  after(delayMs: number, task: () => void): () => void;
  /** Runs a task when the present turn of the event loop has handled its input. */
  nextTurn(task: () => void): void;
}
