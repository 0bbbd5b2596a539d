import { parts, WrongValue, type Setting, type SettingWords } from './setting.js';

/** `redis://`, `rediss://`, or a comma list of them. The text stays as it is: the adapter parses it. */
export function redisUrl(words: SettingWords): Setting<string> {
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

function isRedis(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== '';
}
