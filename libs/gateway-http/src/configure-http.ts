import type { Origins } from '@ringback/contract';
import { Hub } from '@ringback/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { admitRequests, answerProblems, serveDocs } from '@ringback/http-kit';
import { HTTP_CONFIG, type HttpConfig } from './http.config.js';

/** JSON escapes a byte with up to six characters: `\u0000`. */
const ESCAPED_BYTE = 6;

/** For everything in a body that is not data. */
const BODY_HEADROOM = 16 * 1024;

/** A client that polls holds up to two links. */
const LINKS_OF_ONE = 2;

/** For requests over HTTP, and clients that are told with a code that there are too many. */
const LINK_HEADROOM = 2_000;

/**
 * Sets the HTTP server of the application up: bodies, errors, CORS and documentation. To be called once, before `init` and
 * `listen`. It concerns all routes: their bodies arrive as bytes, and their errors leave as problems.
 */
export function configureHttp(app: NestFastifyApplication): void {
  const config = app.get<HttpConfig>(HTTP_CONFIG);
  const hub = app.get(Hub);
  boundConnections(app, hub.limits.connectionsPerNode);
  admitRequests(app, hub, config.corsOrigins);
  takeBodiesAsBytes(app, hub.limits.dataBytes * ESCAPED_BYTE + BODY_HEADROOM);
  answerProblems(app, hub);
  if (config.corsOrigins?.length) allowOrigins(app, config.corsOrigins);
  if (config.docs ?? true) serveDocs(app);
}

/** What is beyond is dropped without an answer: only for those who keep links open and say nothing. */
function boundConnections(app: NestFastifyApplication, connectionsPerNode: number): void {
  app.getHttpServer().maxConnections = LINKS_OF_ONE * connectionsPerNode + LINK_HEADROOM;
}

/** Fastify's own parsers would decide by content type before the gateway has seen the request. */
function takeBodiesAsBytes(app: NestFastifyApplication, bodyLimit: number): void {
  app.getHttpAdapter().getInstance().removeAllContentTypeParsers();
  app.useBodyParser('*', { bodyLimit });
}

function allowOrigins(app: NestFastifyApplication, origins: Origins): void {
  app.enableCors({
    origin: origins === '*' ? origins : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'DELETE'],
    exposedHeaders: ['Allow', 'Retry-After', 'WWW-Authenticate'],
    strictPreflight: false,
  });
}
