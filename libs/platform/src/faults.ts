import type { Log } from '@ringback/core';

/**
 * What becomes of errors that nobody caught. An exception may have left anything half done, so the process ends at once, and others
 * sweep its lease. A rejection concerns one piece of work that nobody waits for, often a library's while Redis is away: `report`
 * counts and logs it as the fault that it is, and the node goes on.
 */
export function catchFaults(log: Log, report: (error: unknown) => unknown): void {
  process.on('uncaughtException', (error) => {
    log.error('uncaught exception, the process ends', { error });
    process.exit(1);
  });
  process.on('unhandledRejection', report);
}
