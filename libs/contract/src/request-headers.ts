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

/** Where a request came from, and what for. */
export interface RequestOrigin {
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
  /** `http` or `https`; absent where it is not known how the client has asked, behind a proxy that ends TLS for instance. */
  readonly scheme?: string | undefined;
}

/** Whether a request comes from a web page of another host that is not listed. Clients that are no browsers send no Origin. */
export function isCrossOrigin({ origin, host, scheme }: RequestOrigin, listed: Origins | undefined): boolean {
  if (origin === undefined || isListed(origin, listed)) return false;
  const [, page] = /^(https?):\/\//i.exec(origin) ?? [];
  if (page === undefined || host === undefined) return true;
  const own = `${scheme ?? page}://${host}`;
  return !URL.canParse(own) || !URL.canParse(origin) || new URL(own).origin !== new URL(origin).origin;
}

/**
 * An origin as browsers send it: small letters, without the port that its scheme has anyway. Apps have origins such as `capacitor://localhost`. `undefined` for
 * what is no origin, and for `null`, which is that of many.
 */
export function normalizeOrigin(text: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s]+$/i.test(text)) return undefined;
  if (!/^https?:/i.test(text)) return text.toLowerCase();
  return URL.canParse(text) ? new URL(text).origin : undefined;
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
  if (listed === '*' || listed === undefined) return listed === '*';
  if (listed.includes(origin)) return true;
  const normal = normalizeOrigin(origin);
  return normal !== undefined && listed.some((one) => normalizeOrigin(one) === normal);
}
