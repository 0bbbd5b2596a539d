import { HubError } from '@ringback/contract';
import type { RedisOptions } from 'ioredis';

export interface RedisServer {
  readonly host: string;
  readonly port: number;
}

/** Where Redis is, as a URL says it. */
export interface RedisAddress {
  /** One for a single server; several are the first contacts of a Redis Cluster. With `sentinel` these are the sentinels. */
  readonly servers: readonly RedisServer[];
  /** The sentinels tell which server is the master of that name. */
  readonly sentinel?: { readonly name: string; readonly username?: string; readonly password?: string };
  readonly options: Pick<RedisOptions, 'username' | 'password' | 'db' | 'tls'>;
}

const HINT = '; characters like @ : / # ? % of a password have to be percent-encoded';

/** Says nothing of the URL itself: it may hold a password. */
export function notRedis(): HubError {
  return new HubError(
    'internal',
    `The Redis URL is not redis://host:port, rediss://host:port, a comma list of these, or redis+sentinel://host:port,host:port/name${HINT}.`,
  );
}

/** What the credentials of a URL, its database and its scheme come to. */
export function optionsOf(
  { username, password }: Pick<URL, 'username' | 'password'>,
  db: number,
  isTls: boolean,
): RedisAddress['options'] {
  return {
    ...(username !== '' && { username: decode(username) }),
    ...(password !== '' && { password: decode(password) }),
    ...(db !== 0 && { db }),
    ...(isTls && { tls: {} }),
  };
}

/** The path of a URL as the number of a database. */
export function databaseOf(path: string): number {
  const db = Number(path.slice(1) || 0);
  if (Number.isInteger(db) && db >= 0) return db;
  throw new HubError('internal', `The Redis URL names a database that is not a number${HINT}.`);
}

export function serverOf(url: URL, defaultPort: number): RedisServer {
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port || defaultPort) };
}

export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw notRedis();
  }
}
