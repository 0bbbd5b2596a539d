import { HubError } from '@ringback/contract';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { HttpRequest } from './http-request.js';

/** An identifier that a request names in its path, in its query, or in both. */
export const RequestIdentifier = createParamDecorator((name: string, context: ExecutionContext) => {
  const { params, query } = context.switchToHttp().getRequest<HttpRequest>();
  return agreedIdentifier(name, [params?.[name], query[name]]);
});

/**
 * The one identifier that stands in these places: proxies may decode what is in a path, so it can be named elsewhere instead. Throws `bad-request` if it stands
 * nowhere, if two places differ, and for what is not one text.
 */
export function agreedIdentifier(name: string, places: readonly unknown[]): string {
  const given = places.filter((value) => value !== undefined);
  const [identifier] = given;
  if (identifier === undefined) throw new HubError('bad-request', `${name} is missing.`);
  if (typeof identifier !== 'string') throw new HubError('bad-request', `${name} is not one text.`);
  if (given.some((other) => other !== identifier))
    throw new HubError('bad-request', `${name} is not the same in every place of the request.`);
  return identifier;
}
