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
  if (queryAt === -1) return new LazyTarget(text, '');
  return new LazyTarget(text.slice(0, queryAt), text.slice(queryAt + 1));
}

/** Most requests are told apart by their path: the query is read only where it is asked for. */
class LazyTarget implements RequestTarget {
  private parsed: URLSearchParams | undefined;

  constructor(
    readonly path: string,
    private readonly queryText: string,
  ) {}

  get query(): URLSearchParams {
    return (this.parsed ??= new URLSearchParams(this.queryText));
  }
}

/** Whether two paths are one, but for a slash at their end. */
export function isSamePath(one: string, other: string): boolean {
  return withoutSlash(one) === withoutSlash(other);
}

function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
