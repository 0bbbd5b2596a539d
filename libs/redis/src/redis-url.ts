import { HubError } from '@ringback/contract';
import type { RedisOptions } from 'ioredis';

/** Where Redis is, as a URL says it. */
export interface RedisAddress {
  /** One for a single server; several are the first contacts of a Redis Cluster. */
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  readonly options: Pick<RedisOptions, 'username' | 'password' | 'db' | 'tls'>;
}

/** Parses `redis://` or `rediss://`; a comma list of them is a Redis Cluster, with the credentials of the first. */
export function parseRedisUrl(text: string): RedisAddress {
  const urls = text.split(',').map((part) => parseOne(part.trim()));
  const [first] = urls;
  if (!first) throw notRedis();
  const db = Number(first.pathname.slice(1) || 0);
  if (!Number.isInteger(db) || (db !== 0 && urls.length > 1)) {
    throw new HubError(
      'internal',
      'The Redis URL names a database that is not a number, or one of a cluster.',
    );
  }
  return {
    servers: urls.map((url) => ({ host: hostOf(url), port: Number(url.port || 6379) })),
    options: {
      ...(first.username === '' ? {} : { username: decodeURIComponent(first.username) }),
      ...(first.password === '' ? {} : { password: decodeURIComponent(first.password) }),
      ...(db === 0 ? {} : { db }),
      ...(first.protocol === 'rediss:' ? { tls: {} } : {}),
    },
  };
}

function parseOne(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') throw notRedis();
  return url;
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Says nothing of the URL itself: it may hold a password. */
function notRedis(): HubError {
  return new HubError(
    'internal',
    'The Redis URL is not redis://host:port, rediss://host:port or a comma list of these.',
  );
}
