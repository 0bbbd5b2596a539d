import type { Origins } from '@ringback/contract';
import type { Hub } from '@ringback/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { rejectCrossOrigin } from './cross-origin.js';
import type { HttpRequest } from './http-request.js';
import { requestCredentials } from './request-credentials.js';

/** What is read of a request that has found its route, before its body. */
interface RoutedRequest extends HttpRequest {
  readonly method: string;
  readonly routeOptions: { readonly url?: string | undefined };
}

/** Names the node that answered. */
const NODE_HEADER = 'x-ringback-node';

/** Every route under this path is for known identities only. */
const PROTECTED_PATH = '/v1/';

/** Refuses requests before their bodies are read, and names the node in every response. */
export function guardRequests(
  app: NestFastifyApplication,
  hub: Pick<Hub, 'nodeId' | 'authenticate'>,
  origins: Origins | undefined,
): void {
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onRequest', async (raw, reply) => {
    const request = raw as RoutedRequest;
    reply.header(NODE_HEADER, hub.nodeId);
    rejectCrossOrigin(request, origins, 'hub');
    if (!request.routeOptions.url?.startsWith(PROTECTED_PATH)) return;
    request.identity = await hub.authenticate(requestCredentials(request));
  });
}
