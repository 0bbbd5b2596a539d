import { InvalidSettingError, splitList, type Setting, type SettingInfo } from '@ringback/settings';

/** `redis://`, `rediss://`, or a comma list of them. The text stays as it is: the adapter parses it. */
export function redisUrl(info: SettingInfo): Setting<string> {
  return {
    ...info,
    allowed: 'redis://host:port or rediss://host:port, or a comma list of them for a Redis Cluster',
    parse: (text) => {
      const urls = splitList(text);
      if (urls.length === 0 || !urls.every(isRedis)) throw new InvalidSettingError('is not a Redis URL');
      return text;
    },
  };
}

function isRedis(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== '';
}
