import { ERROR_CODES, type ErrorCode } from './error-codes.js';

/** The one error of the hub: a stable code, and a sentence for a person. Never carries data, cookies or tokens. */
export class HubError extends Error {
  override readonly name = 'HubError';

  constructor(
    readonly code: ErrorCode,
    message: string = ERROR_CODES[code].meaning,
    options?: ErrorOptions,
  ) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0; // code and cause tell where it comes from, and refusals have to be cheap
    super(message, options);
    Error.stackTraceLimit = stackTraceLimit;
  }

  /** By name, not by class: a program with several of our packages has one copy of this class in each. */
  static override [Symbol.hasInstance](value: unknown): value is HubError {
    return value instanceof Error && value.name === 'HubError';
  }

  /** Whether the same request may succeed later without being changed. */
  get temporary(): boolean {
    return ERROR_CODES[this.code].temporary;
  }

  /** The error itself if it is a `HubError`, else an `internal` one that has it as its cause. */
  static from(error: unknown): HubError {
    return error instanceof HubError ? error : new HubError('internal', undefined, { cause: error });
  }
}
