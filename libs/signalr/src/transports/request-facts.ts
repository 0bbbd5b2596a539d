import type { IncomingMessage } from 'node:http';

/** What an access policy, a redirect or a hub may know of a request. Holds secrets: not for logs. */
export interface RequestFacts {
  readonly method: string;
  readonly path: string;
  /** Names are lower-case; repeated headers are joined by a comma. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
  /** From the `Authorization` header, or from `access_token` where a client cannot set headers. */
  readonly bearerToken: string | undefined;
  readonly remoteAddress: string | undefined;
}

/** Path and query of a request target. Takes whatever a client writes there. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf('?');
  return mark < 0
    ? { path: target, query: '' }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** The first value of a parameter, its name without regard to case. */
export function queryValue(query: URLSearchParams, name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const [key, value] of query) if (key.toLowerCase() === wanted) return value;
  return undefined;
}

function flatHeaders(request: IncomingMessage): RequestFacts['headers'] {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
}

function bearerToken(authorization: string | undefined, query: URLSearchParams): string | undefined {
  const fromHeader = authorization === undefined ? null : /^Bearer +(\S+) *$/i.exec(authorization);
  return fromHeader?.[1] ?? (queryValue(query, 'access_token') || undefined);
}

export function requestFacts(request: IncomingMessage): RequestFacts {
  const { path, query: text } = splitTarget(request.url ?? '/');
  const query = new URLSearchParams(text);
  return {
    method: request.method ?? 'GET',
    path,
    headers: flatHeaders(request),
    query,
    bearerToken: bearerToken(request.headers.authorization, query),
    remoteAddress: request.socket.remoteAddress,
  };
}

/** Whether a GET asks for an event stream; any other GET is a poll. */
export function wantsEventStream(request: IncomingMessage): boolean {
  const accepted = request.headers.accept?.split(',') ?? [];
  return accepted.some((type) => type.split(';', 1)[0]?.trim().toLowerCase() === 'text/event-stream');
}
