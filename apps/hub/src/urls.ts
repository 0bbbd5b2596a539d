import { parts, WrongValue, type Setting } from './setting.js';

type Words = Omit<Setting<unknown>, 'parse' | 'allowed'>;

/** `redis://`, `rediss://`, or a comma list of them. The text stays as it is: the adapter parses it. */
export function redisUrl(words: Words): Setting<string> {
  return {
    ...words,
    allowed: 'redis://host:port or rediss://host:port, or a comma list of them for a Redis Cluster',
    parse: (text) => {
      const urls = parts(text);
      if (urls.length === 0 || !urls.every(isRedis)) throw new WrongValue('is not a Redis URL');
      return text;
    },
  };
}

export function nodeAddress(words: Words): Setting<string> {
  return {
    ...words,
    allowed: 'http://host:port',
    parse: (text) => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      if (url?.protocol !== 'http:' || url.origin !== text.replace(/\/$/, '')) {
        throw new WrongValue('is not the address of a node');
      }
      return url.origin;
    },
  };
}

function isRedis(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== '';
}
