import type { Identity } from '@ringback/core';
import type { IncomingHttpHeaders } from 'node:http';

/** What is read of a request; Fastify's request has it, after `configureHttp`. */
export interface HttpRequest {
  readonly headers: IncomingHttpHeaders;
  /** What stands in the path, decoded. */
  readonly params?: Readonly<Record<string, string>>;
  /** Each value as often as it was given. */
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  /** The bytes as they came; absent without a body. */
  readonly body?: unknown;
  /** Set by the guard. */
  identity?: Identity;
}
