import type { Timers } from '@ringback/signalr';

/** Together longer than a failover takes. */
const ATTEMPTS = 60;
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 500;

/** How somebody goes on who was not answered. */
export interface Persistence {
  readonly timers: Timers;
  /** Told of the first failure; of the last one, whoever asked. */
  readonly onFailed: (error: unknown) => void;
  /** Whether the answer is of no use any more. */
  readonly isOver: () => boolean;
}

/** Tries again for half a minute, ever more slowly; then, or once it is over, rejects with the last error. */
export async function persist<Result>(
  task: () => Promise<Result>,
  { timers, onFailed, isOver }: Persistence,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await task();
    } catch (error) {
      if (attempt === ATTEMPTS || isOver()) throw error;
      if (attempt === 1) onFailed(error);
      await pause(timers, Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS));
    }
  }
}

function pause(timers: Timers, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    timers.after(delayMs, resolve);
  });
}
