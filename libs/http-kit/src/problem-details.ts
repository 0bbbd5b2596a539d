import { HubError, type ErrorCode } from '@ringback/contract';
import { HTTP_ERRORS } from './http-errors.js';

export const PROBLEM_TYPE = 'application/problem+json';

/** Where the codes are explained. */
export const ERROR_PAGE = '/docs/errors';

/** The body of every error (RFC 9457). */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  /** The detail once more, under the name that clients of some protocols read. */
  readonly message?: string;
}

/** How a problem differs from what its code alone says. */
export interface ProblemOptions {
  /** In place of the status that the code stands for. */
  readonly status?: number | undefined;
  /** The path before which a proxy has put the server. */
  readonly prefix?: string | undefined;
}

/** The body for an error. */
export function problemDetails(error: HubError, options: ProblemOptions = {}): ProblemDetails {
  const { code } = error;
  const { status = HTTP_ERRORS[code].status, prefix = '' } = options;
  // A fault of our own tells outsiders nothing but that it is one.
  const detail = code === 'internal' ? new HubError(code).message : error.message;
  return { type: `${prefix}${ERROR_PAGE}#${code}`, title: titleOf(code), status, detail, code };
}

/** The headers that belong to an error, beside its body. `allow` names the methods of the path, for `method-not-allowed`. */
export function problemHeaders(
  code: ErrorCode,
  allow: readonly string[] = [],
): Readonly<Record<string, string>> {
  const { retryAfter } = HTTP_ERRORS[code];
  return {
    'Content-Type': PROBLEM_TYPE,
    'Cache-Control': 'no-store',
    ...(code === 'unauthorized' && { 'WWW-Authenticate': 'Bearer realm="ringback"' }),
    ...(code === 'method-not-allowed' && allow.length > 0 && { Allow: allow.join(', ') }),
    ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
  };
}

function titleOf(code: ErrorCode): string {
  const words = code.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
