import { Backoff, delay } from '@ringback/async';
import { HubError } from '@ringback/contract';
import { refusalOf } from './error-reply.js';
import { withCommandTimeout } from './redis-connection.js';

const DELAYS = { minDelayMs: 10, maxDelayMs: 250 };

/** Replies of a server that starts, or whose role is just changing. */
const TRANSIENT = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK)\b/;

/**
 * Repeats work that fails because a connection is lost or not there yet, for as long as one command may take: most connections are remade within
 * milliseconds. Only for work that may be done twice and says `relay-unavailable` of a command that failed.
 */
export async function whileReconnecting<Result>(work: () => Promise<Result>): Promise<Result> {
  const over = new AbortController();
  try {
    return await withCommandTimeout(repeat(work, over.signal));
  } finally {
    over.abort();
  }
}

/** Ends with the first error that is not transient, or with the signal. */
async function repeat<Result>(work: () => Promise<Result>, over: AbortSignal): Promise<Result> {
  const backoff = new Backoff(DELAYS);
  let mayBeDone = false;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error)) throw mayBeDone ? unknownFate(error) : error;
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

function isTransient(error: unknown): boolean {
  if (!(error instanceof HubError)) return false;
  const { cause } = error;
  const isReply = cause instanceof Error && cause.name === 'ReplyError';
  return isReply ? TRANSIENT.test(cause.message) : error.code === 'relay-unavailable';
}
