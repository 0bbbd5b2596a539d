import { HubError, isCrossOrigin, type Origins } from '@ringback/contract';
import type { Hub } from '@ringback/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { HttpRequest } from './http-request.js';
import { identify } from './identity.guard.js';

/** What is read of a request that has found its route, before its body. */
interface RoutedRequest extends HttpRequest {
  readonly method: string;
  readonly routeOptions: { readonly url?: string | undefined };
}

/** Names the node that answered. */
const NODE_HEADER = 'x-ringback-node';

/** Under this path, every route wants to know who asks. */
const GUARDED = '/v1/';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Refuses requests before their bodies are read, and says in every answer which node it is from. */
export function admitRequests(app: NestFastifyApplication, hub: Hub, origins: Origins | undefined): void {
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onRequest', async (raw, reply) => {
    const request = raw as RoutedRequest;
    reply.header(NODE_HEADER, hub.nodeId);
    refuseForeign(request, origins);
    if (request.routeOptions.url?.startsWith(GUARDED)) request.identity = await identify(hub, request);
  });
}

/** Pages of any origin may send simple requests; only that they may not read the answers is the browser's business. */
function refuseForeign({ method, headers }: RoutedRequest, origins: Origins | undefined): void {
  if (SAFE_METHODS.has(method) || !isCrossOrigin(headers, origins)) return;
  throw new HubError('forbidden', 'Pages of this origin may not use the hub.');
}
