import { InvalidSettingError, type Setting } from '@ringback/settings';
import { isIPv6 } from 'node:net';

type Words = Omit<Setting<unknown>, 'parse' | 'allowed'>;

/**
 * However it is written, in capitals or with the port that http has anyway, it becomes one spelling. An IPv6 address may stand without its brackets: that is
 * how Kubernetes puts the address of a pod into a text that is written for either family.
 */
export function nodeAddress(words: Words): Setting<string> {
  return {
    ...words,
    allowed: 'http://host:port',
    parse: (given) => {
      const text = withBrackets(given);
      const url = URL.canParse(text) ? new URL(text) : undefined;
      if (url?.protocol !== 'http:' || url.href !== `${url.origin}/`) {
        throw new InvalidSettingError('is not the address of a node');
      }
      return url.origin;
    },
  };
}

/** `http://fd00::1:8080` with what stands before the last colon in brackets. */
function withBrackets(text: string): string {
  const [, scheme, host = '', port] = /^(http:\/\/)([^[\]/]+):(\d+)\/?$/i.exec(text) ?? [];
  return isIPv6(host) ? `${scheme}[${host}]:${port}` : text;
}
