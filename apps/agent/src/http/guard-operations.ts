import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { TokenAccess } from '@ringback/access-token';
import { bearerToken } from '@ringback/contract';
import { HostPolicy, OriginPolicy, pathRefusal } from '@ringback/http-kit';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '../configuration/config.js';

export type GuardConfig = Pick<Config, 'operatorToken' | 'allowedHosts' | 'host'>;

/** What is read of a request that has found its route, before its body. */
interface RoutedRequest {
  readonly raw: IncomingMessage;
  readonly headers: IncomingHttpHeaders;
  readonly routeOptions: { readonly url?: string | undefined };
}

/** Under these paths, the operator's token is asked for. */
const GUARDED = /^\/(tickets|subscriptions)(\/|$)/;

/** Lets only operators at tickets and subscriptions, and no pages of other hosts at anything that changes them, or of names that were made to lead here at anything. */
export function guardOperations(
  app: NestFastifyApplication,
  { operatorToken: token, allowedHosts: allowed, host }: GuardConfig,
): void {
  const access =
    token === undefined ? undefined : new TokenAccess([{ token, name: 'operator', actions: ['operate'] }]);
  const boundTo = (): string | undefined => (app.getHttpServer().address() as AddressInfo | null)?.address;
  const hosts = new HostPolicy({ allowed, own: [host], boundTo });
  const origins = new OriginPolicy(undefined, { service: 'agent', hosts });
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onRequest', async (raw) => {
    const request = raw as RoutedRequest;
    const { headers, routeOptions } = request;
    const refusal = origins.refusal(request.raw, 'request') ?? pathRefusal(request.raw);
    if (refusal) throw refusal;
    if (!access || !GUARDED.test(routeOptions.url ?? '')) return;
    const shown = bearerToken(headers.authorization);
    await access.authenticate(shown === undefined ? {} : { token: shown });
  });
}
