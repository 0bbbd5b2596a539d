import { InvalidSettingError, splitList, type Setting, type SettingInfo } from '@ringback/settings';

const SENTINEL = /^rediss?\+sentinel:\/\/(?:[^@/?#]*@)?[^@/?#]+\/[^/?#]+(?:\/[0-9]*)?(?:\?[^#]*)?$/;
/** Nothing behind the host but the number of a database: what else there is would be the rest of a password. */
const SERVER = /^rediss?:\/\/(?:[^/?#]*@)?[^@/?#]+(?:\/[0-9]*)?$/;
const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;

/** `redis://`, `rediss://`, a comma list of them, or sentinels. The text stays as it is: the adapter parses it. */
export function redisUrl(info: SettingInfo): Setting<string> {
  return {
    ...info,
    allowed:
      'redis://host:port or rediss://host:port, a comma list of them for a Redis Cluster, or redis+sentinel://host:port,host:port/name; characters like @ : / # ? % of a password are percent-encoded',
    parse: (text) => {
      if (!isSentinels(text) && !isServers(text)) throw new InvalidSettingError('is not a Redis URL');
      return text;
    },
  };
}

function isSentinels(text: string): boolean {
  return SENTINEL.test(text) && !BROKEN_ESCAPE.test(text);
}

function isServers(text: string): boolean {
  const urls = splitList(text);
  return urls.length > 0 && urls.every(isServer);
}

function isServer(text: string): boolean {
  return (
    SERVER.test(text) && !BROKEN_ESCAPE.test(text) && URL.canParse(text) && new URL(text).hostname !== ''
  );
}
