import { HubError } from '@ringback/contract';
import type { Log, LogFields } from '@ringback/core';
import { BackOff } from './back-off.js';
import { pause } from './pause.js';
import { unlessAborted } from './unless-aborted.js';

/** How often what fails for a reason of the other side's own is tried before it is given up. */
const MOST_FAULTS = 5;

export interface TakingOptions {
  readonly signal: AbortSignal;
  readonly log: Log;
  /** For the log. */
  readonly fields: LogFields;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

/**
 * Hands something over as often as it takes. Resolves to what became of it: `rejected`, and logged, on a permanent error. Rejects with
 * `closed` once the signal is aborted, even while the other side has not answered.
 */
export async function untilTaken<Outcome>(
  hand: () => Promise<Outcome>,
  { signal, log, fields, minDelayMs, maxDelayMs }: TakingOptions,
): Promise<Outcome | 'rejected'> {
  const backOff = new BackOff(minDelayMs, maxDelayMs);
  for (let faults = 0; !signal.aborted;) {
    try {
      return await unlessAborted(hand(), signal);
    } catch (error) {
      const { code, temporary } = HubError.from(error);
      if (code === 'internal') faults++;
      if (!temporary || faults >= MOST_FAULTS) {
        log.warn('bridge message rejected', { ...fields, code, error });
        return 'rejected';
      }
      await pause(backOff.next(), signal);
    }
  }
  throw new HubError('closed');
}
