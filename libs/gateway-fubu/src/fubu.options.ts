import type { EventStreamOptions } from '@ringback/gateway-kit';
import type { WriterName } from './topic.definition.js';

/** In metrics, log lines and operator listings. */
export const GATEWAY = 'fubu';

/** Where the options of the gateway are injected. */
export const FUBU_OPTIONS = Symbol('fubu options');

/** Where topics are found, and how their streams are kept. */
export interface FubuOptions extends EventStreamOptions {
  /** What the URLs of all topics begin with. */
  readonly path: string;
  /** Of topics that do not say which. */
  readonly writer: WriterName;
}

export const DEFAULT_OPTIONS: FubuOptions = {
  path: '/_events',
  writer: 'fubu',
  retryMs: 2_000,
  keepAliveMs: 15_000,
};
