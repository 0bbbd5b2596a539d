import type { IncomingMessage } from 'node:http';

/** What a request asks for, taken apart once for all who have to look at it. */
export interface RequestTarget {
  /** As it was sent, without query and fragment. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Splits the target of a request. Never throws: whatever was sent has a path. */
export function parseTarget({ url = '/' }: Pick<IncomingMessage, 'url'>): RequestTarget {
  const fragmentAt = url.indexOf('#');
  const text = fragmentAt === -1 ? url : url.slice(0, fragmentAt);
  const queryAt = text.indexOf('?');
  if (queryAt === -1) return { path: text, query: new URLSearchParams() };
  return { path: text.slice(0, queryAt), query: new URLSearchParams(text.slice(queryAt + 1)) };
}

/** Whether two paths are one, but for a slash at their end. */
export function isSamePath(one: string, other: string): boolean {
  return withoutSlash(one) === withoutSlash(other);
}

function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
