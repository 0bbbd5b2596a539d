import type { Credentials, Identity } from '@ringback/core';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { HttpRequest } from './http-request.js';
import { requestCredentials } from './request-credentials.js';

/** Says whose credentials these are; rejects with `unauthorized`. The modules that use `IdentityGuard` provide it: `Hub` is one. */
export abstract class Authenticator {
  abstract authenticate(credentials: Credentials): Promise<Identity>;
}

/** Admits only requests whose identity is known. */
@Injectable()
export class IdentityGuard implements CanActivate {
  constructor(@Inject(Authenticator) private readonly authenticator: Authenticator) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    request.identity ??= await this.authenticator.authenticate(requestCredentials(request));
    return true;
  }
}
