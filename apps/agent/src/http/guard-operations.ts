import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { TokenAccess } from '@ringback/access-token';
import { bearerToken, HubError, isCrossOrigin } from '@ringback/contract';
import type { IncomingHttpHeaders } from 'node:http';

/** What is read of a request that has found its route, before its body. */
interface RoutedRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly routeOptions: { readonly url?: string | undefined };
}

/** Under these paths, the operator's token is asked for. */
const GUARDED = /^\/(tickets|subscriptions)(\/|$)/;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Lets only operators at tickets and subscriptions, and no pages of other hosts at anything that changes them. */
export function guardOperations(app: NestFastifyApplication, token: string | undefined): void {
  const access =
    token === undefined ? undefined : new TokenAccess([{ token, name: 'operator', actions: ['operate'] }]);
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onRequest', async (raw) => {
    const { method, headers, routeOptions } = raw as RoutedRequest;
    if (!SAFE_METHODS.has(method) && isCrossOrigin(headers, undefined))
      throw new HubError('forbidden', 'Pages of this origin may not use the agent.');
    if (!access || !GUARDED.test(routeOptions.url ?? '')) return;
    const shown = bearerToken(headers.authorization);
    await access.authenticate(shown === undefined ? {} : { token: shown });
  });
}
