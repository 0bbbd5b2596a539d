import { AddressList, type AllowedHosts } from '@ringback/http-kit';
import { InvalidSettingError, splitList, type Setting } from '@ringback/settings';

type Words = Pick<Setting<unknown>, 'doc' | 'absent'>;

const HOST_NAME = /^(\*\.)?[0-9a-z_-]+(\.[0-9a-z_-]+)*$|^\[[0-9a-f:.]+\]$/i;

/** A comma list of addresses and ranges. */
export function trustedProxies(words: Words): Setting<readonly string[]> {
  return {
    ...words,
    allowed: 'loopback, private, IP addresses and ranges like 10.0.0.0/8, separated by commas',
    parse: (text) => {
      try {
        return new AddressList(splitList(text)).entries;
      } catch (error) {
        throw new InvalidSettingError(`has an entry that is wrong: ${(error as RangeError).message}`);
      }
    },
  };
}

/** `*`, or a comma list of host names. */
export function allowedHosts(words: Words): Setting<AllowedHosts> {
  return {
    ...words,
    allowed:
      '* for all, or host names without port like hub.example.com or *.example.com, separated by commas',
    parse: (text) => (text === '*' ? text : splitList(text).map(parseHost)),
  };
}

function parseHost(text: string): string {
  if (!HOST_NAME.test(text))
    throw new InvalidSettingError(`names ${JSON.stringify(text)}, which is not a host name`);
  return text.toLowerCase();
}
