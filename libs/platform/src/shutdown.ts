import type { StopSignals } from '@ringback/async';
import type { Log } from '@ringback/core';

/** For handles that somebody forgot: the process does not wait for them. */
const LINGER_MS = 1_000;

/** How long a start that is under way may go on after a signal. */
const START_LIMIT_MS = 5_000;

/** A program that runs. */
export interface Program {
  /** Stops it; `hasten` resolves when somebody is impatient. */
  stop(hasten: Promise<void>): Promise<void>;
}

/**
 * Starts the program and stops it at the first signal; a second one hastens that. The process then ends by itself, with 0. A signal that comes during the start
 * counts: what has started within five seconds is stopped, what has not is left. Resolves when it runs, or rejects as the start does, unless a signal came.
 */
export async function runUntilStopped(
  start: () => Promise<Program>,
  signals: StopSignals,
  log: Log,
): Promise<void> {
  await nextTurn(); // in which a signal is heard that came while modules were loaded
  const life = new Life(signals, log);
  const starting = start();
  life.begin(starting);
  try {
    await starting;
  } catch (error) {
    if (!life.isStopping) throw error;
    log.warn('start given up', { error });
  }
}

/** From the start of a program to its end. */
class Life {
  private hasten: (() => void) | undefined;

  constructor(
    private readonly signals: StopSignals,
    private readonly log: Log,
  ) {}

  get isStopping(): boolean {
    return this.hasten !== undefined;
  }

  begin(starting: Promise<Program>): void {
    this.signals.listen((signal) => {
      this.log.info('signal received', { signal });
      if (this.hasten) return this.hasten();
      const hastened = new Promise<void>((resolve) => (this.hasten = resolve));
      this.stop(starting, hastened).then(
        () => this.leave(),
        (error: unknown) => this.fail(error),
      );
    });
  }

  private async stop(starting: Promise<Program>, hastened: Promise<void>): Promise<void> {
    const started = starting.catch(() => undefined); // told by whoever awaits the start
    const program = await Promise.race([started, hastened, afterLimit()]);
    if (program) await program.stop(hastened);
  }

  private leave(): void {
    this.log.info('stopped');
    this.signals.release();
    setTimeout(() => {
      this.log.warn('stopped with open handles', { handles: process.getActiveResourcesInfo() });
      process.exit(0);
    }, LINGER_MS).unref();
  }

  private fail(error: unknown): void {
    this.log.error('stop failed', { error });
    process.exit(1);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function afterLimit(): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(resolve, START_LIMIT_MS, undefined).unref();
  });
}
