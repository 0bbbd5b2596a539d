import { HubError } from '@ringback/contract';
import type { Identity } from '@ringback/core';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { HttpRequest } from './http-request.js';

/** Whose request it is, behind `IdentityGuard`. */
export const CurrentIdentity = createParamDecorator((_: unknown, context: ExecutionContext): Identity => {
  const { identity } = context.switchToHttp().getRequest<HttpRequest>();
  if (!identity) throw new HubError('unauthorized');
  return identity;
});
