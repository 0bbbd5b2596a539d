import { HubError } from './hub-error.js';

/** Origins whose web pages may use the hub beside its own: `*` for all. */
export type Origins = '*' | readonly string[];

const BEARER = /^Bearer +([^ ]+) *$/i;

/** The token in an `Authorization` header; `undefined` without one. Throws `unauthorized` for another scheme. */
export function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const token = BEARER.exec(header)?.[1];
  if (token !== undefined) return token;
  throw new HubError('unauthorized', 'The Authorization header is not "Bearer <token>".');
}

/** Whether a request comes from a web page of another host that is not listed. Clients that are no browsers send no Origin. */
export function isCrossOrigin(
  { origin, host }: { readonly origin?: string | undefined; readonly host?: string | undefined },
  listed: Origins | undefined,
): boolean {
  if (origin === undefined || isListed(origin, listed)) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host?.toLowerCase();
}

/** The headers by which a page of a listed origin may read an answer. Pages may show credentials, for which browsers take no `*`: the origin is named. */
export function originHeaders(
  origin: string | undefined,
  listed: Origins | undefined,
): Readonly<Record<string, string>> {
  if (listed === undefined) return {};
  if (origin === undefined || !isListed(origin, listed)) return { Vary: 'Origin' };
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    Vary: 'Origin',
  };
}

function isListed(origin: string, listed: Origins | undefined): boolean {
  return listed === '*' || (listed?.includes(origin) ?? false);
}
