/** Time, so that tests need not wait for it. */
export interface Clock {
  /** Milliseconds; only differences count. */
  now(): number;
  /** Runs a task once after a delay, unless cancelled by calling what this returns. */
  after(delayMs: number, task: () => void): () => void;
}

/** The time of the machine. Its timers keep a Node process alive: a client that waits to reconnect has not finished. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
