/** Undoes what it came from; harmless when repeated. */
export type Cancel = () => void;

/** Where time comes from. A spec brings its own. */
export interface Timers {
  /** Milliseconds of a clock that never runs backwards. */
  nowMs(): number;
  after(delayMs: number, run: () => void): Cancel;
  every(intervalMs: number, run: () => void): Cancel;
}

/** The clock of this process. Its timers do not keep the process alive. */
export const systemTimers: Timers = {
  nowMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs).unref();
    return () => clearTimeout(timer);
  },
  every: (intervalMs, run) => {
    const timer = setInterval(run, intervalMs).unref();
    return () => clearInterval(timer);
  },
};
