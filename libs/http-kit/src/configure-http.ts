import type { Hub } from '@ringback/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { serveApiDescription, type ApiDescription } from './api-description.js';
import { OriginPolicy } from './origin-policy.js';
import { guardRequests } from './request-guard.js';
import { useProblemDetails } from './use-problem-details.js';

/** What the HTTP server of a hub may be told. */
export interface HttpServerConfig {
  /** Whose pages may call the hub. Default: only its own. */
  readonly origins?: OriginPolicy;
  /** What `/docs-json` says of the API as a whole; without it there is no such path. */
  readonly description?: ApiDescription | undefined;
}

/** JSON escapes a byte with up to six characters: `\u0000`. */
const MAX_ESCAPED_BYTES = 6;

/** For everything in a body that is not data. */
const BODY_HEADROOM_BYTES = 16 * 1024;

/** A client that polls has up to two sockets. */
const SOCKETS_PER_CLIENT = 2;

/** For plain requests, and for clients that are refused with a code because there are too many. */
const SOCKET_HEADROOM = 2_000;

/**
 * Sets the HTTP server of a hub up: identity, bodies, errors, CORS and documentation. To be called once, before `init` and
 * `listen`. It concerns all routes: their bodies arrive as bytes, and their errors leave as problems.
 */
export function configureHttp(app: NestFastifyApplication, hub: Hub, config: HttpServerConfig = {}): void {
  const { origins = new OriginPolicy(), description } = config;
  limitConnections(app, hub.limits.connectionsPerNode);
  guardRequests(app, hub, origins);
  readBodiesAsBytes(app, hub.limits.dataBytes * MAX_ESCAPED_BYTES + BODY_HEADROOM_BYTES);
  useProblemDetails(app, { reportError: (error) => hub.failed(error) });
  if (description) serveApiDescription(app, description);
}

/** Backstop against idle sockets; excess connections are dropped. */
function limitConnections(app: NestFastifyApplication, connectionsPerNode: number): void {
  app.getHttpServer().maxConnections = SOCKETS_PER_CLIENT * connectionsPerNode + SOCKET_HEADROOM;
}

/** Fastify's own parsers would decide by content type before a controller has seen the request. */
function readBodiesAsBytes(app: NestFastifyApplication, bodyLimit: number): void {
  app.getHttpAdapter().getInstance().removeAllContentTypeParsers();
  app.useBodyParser('*', { bodyLimit });
}
