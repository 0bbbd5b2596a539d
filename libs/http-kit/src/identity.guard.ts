import { bearerToken, HubError } from '@ringback/contract';
import { Hub, type Credentials, type Identity } from '@ringback/core';
import {
  createParamDecorator,
  Inject,
  Injectable,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import type { HttpRequest } from './http-request.js';

/** Lets nobody in whom the hub does not know. */
@Injectable()
export class IdentityGuard implements CanActivate {
  constructor(@Inject(Hub) private readonly hub: Hub) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    request.identity ??= await identify(this.hub, request);
    return true;
  }
}

/** Tells whose request it is. Throws `unauthorized`. */
export function identify(hub: Hub, request: HttpRequest): Promise<Identity> {
  return hub.authenticate(credentialsOf(request));
}

/** Who asks. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Identity => {
  const { identity } = context.switchToHttp().getRequest<HttpRequest>();
  if (!identity) throw new HubError('unauthorized');
  return identity;
});

/** The token of a request; the header counts before the query. Throws `unauthorized` for another scheme than Bearer. */
function credentialsOf({ headers, query }: Pick<HttpRequest, 'headers' | 'query'>): Credentials {
  const token = bearerToken(headers.authorization);
  return token === undefined ? queryCredentials(query['access_token']) : { token };
}

function queryCredentials(token: string | readonly string[] | undefined): Credentials {
  if (token === undefined || token === '') return {};
  if (typeof token !== 'string') throw new HubError('bad-request', 'access_token is given more than once.');
  return { token };
}
