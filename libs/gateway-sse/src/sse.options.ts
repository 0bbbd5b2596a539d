/** In metrics, log lines and operator listings. */
export const GATEWAY = 'sse';

/** Where the options of the gateway are injected. */
export const SSE_OPTIONS = Symbol('sse options');

/** How streams are kept. */
export interface SseOptions {
  /** How long a client waits before it comes back after its stream has ended. */
  readonly retryMs: number;
  /** How often an open stream says something, so that nobody in between takes it for dead. */
  readonly keepAliveMs: number;
}

export const DEFAULT_OPTIONS: SseOptions = { retryMs: 2_000, keepAliveMs: 15_000 };

/** Where streams are opened. */
export const STREAM_PATH = '/v1/stream';
