import type { EventStreamOptions } from '@ringback/gateway-kit';

/** In metrics, log lines and operator listings. */
export const GATEWAY = 'sse';

/** Where the options of the gateway are injected. */
export const SSE_OPTIONS = Symbol('sse options');

/** How streams are kept. */
export type SseOptions = EventStreamOptions;

export const DEFAULT_OPTIONS: SseOptions = { retryMs: 2_000, keepAliveMs: 15_000 };

/** Where streams are opened. */
export const STREAM_PATH = '/v1/stream';
