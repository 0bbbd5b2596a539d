import type { EventStreamOptions } from '@ringback/gateway-kit';
import type { PreparedOptions } from './prepared-streams.js';

/** In metrics, log lines and operator listings. */
export const GATEWAY = 'sse';

/** Where the options of the gateway are injected. */
export const SSE_OPTIONS = Symbol('sse options');

/** How streams are kept. */
export interface SseOptions extends EventStreamOptions, PreparedOptions {
  /** How long what the cluster remembers of a stream lasts after its end: of one that was prepared, and of one whose places do not fit into its id. */
  readonly streamTtlMs: number;
}

export const DEFAULT_OPTIONS: SseOptions = {
  retryMs: 2_000,
  keepAliveMs: 15_000,
  streamTtlMs: 10 * 60_000,
  preparedTtlMs: 60_000,
  maxPreparedBytes: 64 * 1024 * 1024,
};

/** Where streams are opened. */
export const STREAM_PATH = '/v1/stream';

/** Behind it stands the id of a stream that was prepared. */
export const PREPARED_PATH = `${STREAM_PATH}/`;
