import { InvalidSettingError, type Setting } from '@ringback/settings';

type Words = Omit<Setting<unknown>, 'parse' | 'allowed'>;

export function nodeAddress(words: Words): Setting<string> {
  return {
    ...words,
    allowed: 'http://host:port',
    parse: (text) => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      if (url?.protocol !== 'http:' || url.origin !== text.replace(/\/$/, '')) {
        throw new InvalidSettingError('is not the address of a node');
      }
      return url.origin;
    },
  };
}
