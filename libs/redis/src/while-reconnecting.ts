import { Backoff, delay } from '@ringback/async';
import { HubError } from '@ringback/contract';
import { refusalOf } from './error-reply.js';
import { isUnsent, withCommandTimeout } from './redis-connection.js';

const DELAYS = { minDelayMs: 10, maxDelayMs: 250 };

/** Replies of a server that starts, or whose role is just changing. */
const TRANSIENT = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK)\b/;

/**
 * Repeats work that fails because a connection is lost or not there yet, for as long as one command may take: most connections are remade within
 * milliseconds. Only for work that says `relay-unavailable` of a command that failed, and that may be done twice or is repeated only where nothing was done.
 */
export async function whileReconnecting<Result>(
  work: () => Promise<Result>,
  mayRepeat: (error: unknown) => boolean = isTransient,
): Promise<Result> {
  const over = new AbortController();
  try {
    return await withCommandTimeout(repeat(work, mayRepeat, over.signal));
  } finally {
    over.abort();
  }
}

/** Of work that must not be done twice: whether the attempt that failed has done nothing, and another one may succeed. */
export function isUndone(error: unknown): boolean {
  return isTransient(error) && (isUnsent(error) || isReply(error));
}

/** Ends with the first error after which it may not be repeated, or with the signal. */
async function repeat<Result>(
  work: () => Promise<Result>,
  mayRepeat: (error: unknown) => boolean,
  over: AbortSignal,
): Promise<Result> {
  const backoff = new Backoff(DELAYS);
  let mayBeDone = false;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!mayRepeat(error)) throw mayBeDone ? unknownFate(error) : error;
      mayBeDone ||= refusalOf(error) === undefined;
    }
    await delay(backoff.next(), over);
  }
}

/** What is refused now may have been done by an attempt whose answer was lost. */
function unknownFate(error: unknown): unknown {
  return refusalOf(error) === undefined
    ? error
    : new HubError('relay-unavailable', undefined, { cause: error });
}

/** Whether the next attempt may succeed. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof HubError)) return false;
  return isReply(error) ? TRANSIENT.test(error.cause.message) : error.code === 'relay-unavailable';
}

/** Whether Redis has answered, so that it is known what was done. */
function isReply(error: unknown): error is HubError & { readonly cause: Error } {
  return error instanceof HubError && error.cause instanceof Error && error.cause.name === 'ReplyError';
}
