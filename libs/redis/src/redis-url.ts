import { HubError } from '@ringback/contract';
import { parseSentinelUrl } from './sentinel-url.js';
import { databaseOf, notRedis, optionsOf, serverOf, type RedisAddress } from './url-parts.js';

const SENTINEL = /^rediss?\+sentinel:/;
const REDIS_PORT = 6379;

/**
 * Parses `redis://` or `rediss://`; a comma list of them is a Redis Cluster, with the credentials of the first. `redis+sentinel://` or `rediss+sentinel://`
 * names sentinels and the master that they watch. Throws `internal`, and says nothing of the URL itself: it may hold a password.
 */
export function parseRedisUrl(text: string): RedisAddress {
  return SENTINEL.test(text) ? parseSentinelUrl(text) : parseServers(text);
}

function parseServers(text: string): RedisAddress {
  const urls = text.split(',').map((part) => parseOne(part.trim()));
  const [first] = urls;
  if (!first) throw notRedis();
  const db = databaseOf(first.pathname);
  if (db !== 0 && urls.length > 1) throw new HubError('internal', 'A Redis Cluster has no databases.');
  return {
    servers: urls.map((url) => serverOf(url, REDIS_PORT)),
    options: optionsOf(first, db, first.protocol === 'rediss:'),
  };
}

function parseOne(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') throw notRedis();
  // Where the password has a ? or # that is not encoded, host and port are here.
  if (url.search !== '' || url.hash !== '') throw notRedis();
  return url;
}
