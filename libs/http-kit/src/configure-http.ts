import type { Hub } from '@ringback/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AccessLog } from './access-log.js';
import { serveApiDescription, type ApiDescription } from './api-description.js';
import { readBodiesAsBytes, readScopedBodiesAsBytes } from './body-bytes.js';
import { OriginPolicy } from './origin-policy.js';
import { guardRequests } from './request-guard.js';
import { requestScope } from './request-scope.js';
import { useProblemDetails } from './use-problem-details.js';

/** How the HTTP server of a hub is set up. */
export interface HttpServerConfig {
  /**
   * The paths that it concerns, with all below them: `['/v1', '/docs']` in an application that has controllers of its own, whose bodies, errors and access
   * stay as they are. Default: all.
   */
  readonly paths?: readonly string[];
  /** Whose pages may call the hub. Default: only its own. */
  readonly origins?: OriginPolicy;
  /** Where it is written down who was refused. Default: nowhere. */
  readonly access?: AccessLog;
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
 * Sets the HTTP server of a hub up: identity, bodies, errors, CORS and documentation. To be called once, before `init` and `listen`. Bodies of its routes
 * arrive as bytes, and their errors leave as problems.
 */
export function configureHttp(app: NestFastifyApplication, hub: Hub, config: HttpServerConfig = {}): void {
  const { origins = new OriginPolicy(), description, paths, access } = config;
  const isInScope = requestScope(paths);
  const bodyLimit = hub.limits.dataBytes * MAX_ESCAPED_BYTES + BODY_HEADROOM_BYTES;
  guardRequests(app, hub, origins, isInScope, access);
  useProblemDetails(app, { reportError: (error) => hub.failed(error) }, isInScope, origins.proxies);
  if (paths) readScopedBodiesAsBytes(app, bodyLimit, isInScope);
  else {
    readBodiesAsBytes(app, bodyLimit);
    limitConnections(app, hub.limits.connectionsPerNode);
  }
  if (description) serveApiDescription(app, description);
}

/** Backstop against idle sockets; excess connections are dropped. */
function limitConnections(app: NestFastifyApplication, connectionsPerNode: number): void {
  app.getHttpServer().maxConnections = SOCKETS_PER_CLIENT * connectionsPerNode + SOCKET_HEADROOM;
}
