import { HubError } from '@ringback/contract';
import type { Hub, Identity } from '@ringback/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { IncomingMessage } from 'node:http';
import type { AccessLog } from './access-log.js';
import type { HttpRequest } from './http-request.js';
import type { OriginPolicy } from './origin-policy.js';
import { pathRefusal } from './path-refusal.js';
import { HTTP_GATEWAY, requestCredentials } from './request-credentials.js';
import type { RequestScope } from './request-scope.js';

/** What is read of a request that has found its route, before its body. */
interface RoutedRequest extends HttpRequest {
  readonly raw: IncomingMessage;
  readonly routeOptions: { readonly url?: string | undefined };
}

/** Names the node that answered. */
const NODE_HEADER = 'x-ringback-node';

/** Every route under this path is for known identities only. */
const PROTECTED_PATH = '/v1/';

/** Refuses requests in scope before their bodies are read, and names the node in every response to them. */
export function guardRequests(
  app: NestFastifyApplication,
  hub: Pick<Hub, 'nodeId' | 'authenticate'>,
  origins: OriginPolicy,
  isInScope: RequestScope,
  access?: AccessLog,
): void {
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onRequest', async (raw, reply) => {
    const request = raw as RoutedRequest;
    if (!isInScope(request.raw.url ?? '')) return undefined;
    reply.header(NODE_HEADER, hub.nodeId);
    if (origins.answerPreflight(request.raw, reply.raw)) return reply.hijack();
    origins.setHeaders(request.raw, reply.raw);
    const refusal = origins.refusal(request.raw, 'request') ?? uncleanPath(request.raw);
    if (refusal) throw refusal;
    if (!request.routeOptions.url?.startsWith(PROTECTED_PATH)) return undefined;
    request.identity = await identify(request, hub, access);
    return undefined;
  });
}

async function identify(
  request: RoutedRequest,
  hub: Pick<Hub, 'authenticate'>,
  access: AccessLog | undefined,
): Promise<Identity> {
  try {
    return await hub.authenticate(requestCredentials(request));
  } catch (error) {
    access?.refused(HTTP_GATEWAY, { request: request.raw }, HubError.from(error)); // counted where it is answered
    throw error;
  }
}

/** Other paths name nothing, and an application may have its own opinion of them. */
function uncleanPath(request: IncomingMessage): HubError | undefined {
  return request.url?.startsWith(PROTECTED_PATH) ? pathRefusal(request) : undefined;
}
