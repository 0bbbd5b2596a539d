import type { HubError } from '@ringback/contract';

/** Counts and logs an error, and says what outsiders learn of it. */
export interface ErrorReporter {
  reportError(error: unknown): HubError;
}
