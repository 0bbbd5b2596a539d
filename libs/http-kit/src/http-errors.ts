import type { ErrorCode } from '@ringback/contract';

/** How one error code looks in HTTP. */
interface HttpError {
  readonly status: number;
  /** Seconds after which the same request may succeed. */
  readonly retryAfter?: number;
}

/** The translation of every error code, for everything in the product that answers HTTP. */
export const HTTP_ERRORS: Readonly<Record<ErrorCode, HttpError>> = {
  'bad-request': { status: 400 },
  'bad-eventguid': { status: 400 },
  'unknown-method': { status: 404 },
  unauthorized: { status: 401 },
  forbidden: { status: 403 },
  'not-found': { status: 404 },
  'method-not-allowed': { status: 405 },
  'misdirected-request': { status: 421 },
  'cookie-too-large': { status: 413 },
  'data-too-large': { status: 413 },
  'unsupported-media-type': { status: 415 },
  'too-many-subscriptions': { status: 429 },
  'node-subscription-limit': { status: 503, retryAfter: 5 },
  'too-many-commands': { status: 429, retryAfter: 1 },
  'too-many-connections': { status: 503, retryAfter: 5 },
  'too-many-events': { status: 503, retryAfter: 60 },
  'memory-full': { status: 503, retryAfter: 60 },
  'offline-session-limit': { status: 503, retryAfter: 60 },
  'durable-bytes-limit': { status: 503, retryAfter: 60 },
  'too-many-prepared-streams': { status: 503, retryAfter: 5 },
  'transport-session-not-found': { status: 404 },
  'node-unavailable': { status: 503, retryAfter: 2 },
  'relay-unavailable': { status: 503, retryAfter: 2 },
  'cluster-refuses-writes': { status: 503, retryAfter: 5 },
  'issuer-unavailable': { status: 503, retryAfter: 5 },
  draining: { status: 503, retryAfter: 1 },
  closed: { status: 503, retryAfter: 1 },
  timeout: { status: 504, retryAfter: 1 },
  internal: { status: 500 },
};
