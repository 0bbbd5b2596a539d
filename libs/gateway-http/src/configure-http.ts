import { Hub } from '@ringback/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AllowedMethods } from './allowed-methods.js';
import { HTTP_CONFIG, type HttpConfig } from './http.config.js';
import { serveDocs } from './http.docs.js';
import { ProblemFilter } from './problem.filter.js';

/** JSON escapes a byte with up to six characters: `\u0000`. */
const ESCAPED_BYTE = 6;

/** For everything in a body that is not data. */
const BODY_HEADROOM = 16 * 1024;

/**
 * Sets the HTTP server of the application up: bodies, errors, CORS and documentation. To be called once, before `init` and
 * `listen`. It concerns all routes: their bodies arrive as bytes, and their errors leave as problems.
 */
export function configureHttp(app: NestFastifyApplication): void {
  const config = app.get<HttpConfig>(HTTP_CONFIG);
  const hub = app.get(Hub);
  takeBodiesAsBytes(app, hub.limits.dataBytes * ESCAPED_BYTE + BODY_HEADROOM);
  app.useGlobalFilters(new ProblemFilter(hub, app.getHttpAdapter(), watchRoutes(app)));
  if (config.corsOrigins?.length) allowOrigins(app, config.corsOrigins);
  if (config.docs ?? true) serveDocs(app);
}

/** Fastify's own parsers would decide by content type before the gateway has seen the request. */
function takeBodiesAsBytes(app: NestFastifyApplication, bodyLimit: number): void {
  app.getHttpAdapter().getInstance().removeAllContentTypeParsers();
  app.useBodyParser('*', { bodyLimit });
}

function watchRoutes(app: NestFastifyApplication): AllowedMethods {
  const allowed = new AllowedMethods();
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => allowed.add(route));
  return allowed;
}

function allowOrigins(app: NestFastifyApplication, origins: '*' | readonly string[]): void {
  app.enableCors({
    origin: origins === '*' ? origins : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'DELETE'],
    exposedHeaders: ['Allow', 'Retry-After', 'WWW-Authenticate'],
    strictPreflight: false,
  });
}
