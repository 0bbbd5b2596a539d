import type { Log } from '@ringback/core';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** For handles that somebody forgot: the process does not wait for them. */
const LINGER_MS = 1_000;

/** The first signal begins the stop, a second one hastens it. The process then ends by itself, with 0. */
export function stopOnSignals(stop: (hasten: Promise<void>) => Promise<void>, log: Log): void {
  let hasten: (() => void) | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    log.info('signal received', { signal });
    if (hasten) {
      hasten();
      return;
    }
    const hastened = new Promise<void>((resolve) => (hasten = resolve));
    stop(hastened).then(leave, fail);
  };
  const leave = (): void => {
    log.info('stopped');
    for (const signal of SIGNALS) process.off(signal, onSignal);
    setTimeout(() => {
      log.warn('stopped with open handles', { handles: process.getActiveResourcesInfo() });
      process.exit(0);
    }, LINGER_MS).unref();
  };
  const fail = (error: unknown): void => {
    log.error('stop failed', { error });
    process.exit(1);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
}
