import { HubError } from './hub-error.js';

/** What became of a trigger on all nodes, as far as they have said so in time. */
export interface Receipt {
  /** Deliveries handed to the operating system; whether the client has read them is not known. */
  readonly delivered: number;
  /** Deliveries that wait on a node, for a client that recovers or reads slowly. */
  readonly queued: number;
  /** Deliveries that were lost with a connection which was closed meanwhile; who returns recovers them. */
  readonly dropped: number;
  /** Whether every node that was reached has reported. */
  readonly complete: boolean;
}

/** How long a trigger that waits for its receipt does so, in milliseconds. */
export const RECEIPT_TIMEOUT = { defaultMs: 5_000, mostMs: 30_000 } as const;

/** What a client says about waiting. Names of its options on every protocol. */
export const WAIT_OPTIONS = ['wait', 'timeoutMs'] as const;

/**
 * How long to wait for the receipt, in milliseconds; `undefined` for not at all. Throws `bad-request` for anything but
 * `wait: 'delivered'` and a `timeoutMs` within bounds.
 */
export function parseWait(wait: unknown, timeoutMs: unknown): number | undefined {
  if (wait === undefined && timeoutMs === undefined) return undefined;
  if (wait === undefined) throw new HubError('bad-request', "timeoutMs is said without wait: 'delivered'.");
  if (wait !== 'delivered') throw new HubError('bad-request', "wait is not 'delivered'.");
  if (timeoutMs === undefined) return RECEIPT_TIMEOUT.defaultMs;
  if (!Number.isInteger(timeoutMs) || Number(timeoutMs) < 1 || Number(timeoutMs) > RECEIPT_TIMEOUT.mostMs) {
    throw new HubError(
      'bad-request',
      `timeoutMs is not a whole number of milliseconds from 1 to ${RECEIPT_TIMEOUT.mostMs}.`,
    );
  }
  return Number(timeoutMs);
}
