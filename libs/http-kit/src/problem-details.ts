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

/** The body for an error, under the status of its code unless another is given. */
export function problemDetails(
  error: HubError,
  status: number = HTTP_ERRORS[error.code].status,
): ProblemDetails {
  const { code } = error;
  // A fault of our own tells outsiders nothing but that it is one.
  const detail = code === 'internal' ? new HubError(code).message : error.message;
  return { type: `${ERROR_PAGE}#${code}`, title: titleOf(code), status, detail, code };
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
