import { HubError } from '@ringback/contract';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { maxHeaderSize } from 'node:http';
import type { Socket } from 'node:net';
import { refuseUpgrade } from './refusals.js';

/** How long a request may take to arrive. */
const REQUEST_MS = 30_000;
const HEADERS_MS = 10_000;
/** How often Node looks for requests that are late; its own 30 s would make the time-outs up to four times as long. */
const CHECK_MS = 1_000;

type AdapterOptions = Exclude<ConstructorParameters<typeof FastifyAdapter>[0], undefined>;

/** A request of Fastify's before it has a route. */
interface UnroutedRequest {
  readonly server: { errorHandler(error: HubError, request: unknown, reply: unknown): void };
}

/** What the Fastify adapter must be made with: `new FastifyAdapter(httpAdapterOptions())`. */
export function httpAdapterOptions() {
  return {
    forceCloseConnections: true,
    requestTimeout: REQUEST_MS,
    http: { headersTimeout: HEADERS_MS, connectionsCheckingInterval: CHECK_MS },
    // A node that drains answers by itself, with a problem.
    return503OnClosing: false,
    // The router never refuses for length: 256 bytes of eventguid are up to 768 characters, and parseEventGuid knows better.
    routerOptions: { maxParamLength: maxHeaderSize },
    frameworkErrors: refuseBadPath,
    clientErrorHandler: refuseBrokenRequest,
  } satisfies AdapterOptions;
}

/** The router gives up before there is a route: the error takes the way of all others from here. */
function refuseBadPath(cause: Error, request: UnroutedRequest, reply: unknown): void {
  const error = new HubError('bad-request', 'The path is not percent-encoded UTF-8.', { cause });
  request.server.errorHandler(error, request, reply);
}

/** Refuses what is not HTTP, or does not arrive: there is no request and no response yet, only the socket. */
function refuseBrokenRequest({ code }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || socket.destroyed) return;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    refuseUpgrade(socket, new HubError('timeout', 'The request did not arrive in time.'), { status: 408 });
    return;
  }
  const message = 'The request is not HTTP/1.1, or its headers are too long.';
  refuseUpgrade(socket, new HubError('bad-request', message));
}
