import { databaseOf, decode, notRedis, optionsOf, serverOf, type RedisAddress } from './url-parts.js';

const PARTS = /^(rediss?)\+sentinel:\/\/(?:([^@/?#]*)@)?([^@/?#]+)\/([^/?#]+)(\/[0-9]*)?(?:\?([^#]*))?$/;
const SENTINEL_PORT = 26_379;
const PARAMETERS = new Set(['sentinel_username', 'sentinel_password']);

/**
 * `redis+sentinel://[user:password@]host[:port],host…/name[/database][?sentinel_username=…&sentinel_password=…]`: user and password are those of the master,
 * the parameters those of the sentinels. With `rediss+sentinel` both are spoken to over TLS.
 */
export function parseSentinelUrl(text: string): RedisAddress {
  const [, scheme, credentials = '', hosts = '', name = '', database = '', query = ''] =
    PARTS.exec(text) ?? [];
  if (scheme === undefined) throw notRedis();
  const urls = hosts.split(',').map(parseHost);
  const parameters = new URLSearchParams(query);
  if ([...parameters.keys()].some((key) => !PARAMETERS.has(key))) throw notRedis();
  const username = parameters.get('sentinel_username') ?? '';
  const password = parameters.get('sentinel_password') ?? '';
  return {
    servers: urls.map((url) => serverOf(url, SENTINEL_PORT)),
    sentinel: {
      name: decode(name),
      ...(username !== '' && { username }),
      ...(password !== '' && { password }),
    },
    options: optionsOf(parseCredentials(credentials), databaseOf(database), scheme === 'rediss'),
  };
}

function parseHost(host: string): URL {
  const text = `redis://${host.trim()}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.hostname === '') throw notRedis();
  return url;
}

function parseCredentials(text: string): { readonly username: string; readonly password: string } {
  const colon = text.indexOf(':');
  return colon < 0
    ? { username: text, password: '' }
    : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
