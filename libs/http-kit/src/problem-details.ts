import { HubError, type ErrorCode } from '@ringback/contract';

/** How one error code looks in HTTP. */
interface HttpError {
  readonly status: number;
  /** Seconds after which the same request may succeed. */
  readonly retryAfter?: number;
}

/** The translation of every error code. */
export const HTTP_ERRORS: Readonly<Record<ErrorCode, HttpError>> = {
  'bad-request': { status: 400 },
  'bad-eventguid': { status: 400 },
  'unknown-method': { status: 404 },
  unauthorized: { status: 401 },
  forbidden: { status: 403 },
  'not-found': { status: 404 },
  'method-not-allowed': { status: 405 },
  'cookie-too-large': { status: 413 },
  'data-too-large': { status: 413 },
  'unsupported-media-type': { status: 415 },
  'too-many-subscriptions': { status: 429 },
  'too-many-commands': { status: 429, retryAfter: 1 },
  'too-many-connections': { status: 503, retryAfter: 5 },
  'offline-session-limit': { status: 503, retryAfter: 60 },
  'transport-session-not-found': { status: 404 },
  'node-unavailable': { status: 503, retryAfter: 2 },
  'relay-unavailable': { status: 503, retryAfter: 2 },
  draining: { status: 503, retryAfter: 1 },
  closed: { status: 503, retryAfter: 1 },
  timeout: { status: 504, retryAfter: 1 },
  internal: { status: 500 },
};

export const PROBLEM_TYPE = 'application/problem+json';

/** Where the codes are explained. */
export const ERROR_PAGE = '/docs/errors';

/** The body of every error (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
}

export function problemOf(error: HubError): Problem {
  const { code } = error;
  // A fault of our own tells outsiders nothing but that it is one.
  const detail = code === 'internal' ? new HubError(code).message : error.message;
  return {
    type: `${ERROR_PAGE}#${code}`,
    title: titleOf(code),
    status: HTTP_ERRORS[code].status,
    detail,
    code,
  };
}

/** The headers that belong to an error, beside its body. */
export function problemHeaders(code: ErrorCode): Readonly<Record<string, string>> {
  const { retryAfter } = HTTP_ERRORS[code];
  return {
    'Content-Type': PROBLEM_TYPE,
    'Cache-Control': 'no-store',
    ...(code === 'unauthorized' && { 'WWW-Authenticate': 'Bearer realm="ringback"' }),
    ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
  };
}

function titleOf(code: ErrorCode): string {
  const words = code.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
