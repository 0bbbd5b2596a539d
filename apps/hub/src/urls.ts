import { InvalidSettingError, type Setting } from '@ringback/settings';

type Words = Omit<Setting<unknown>, 'parse' | 'allowed'>;

/** However it is written, in capitals or with the port that http has anyway, it becomes one spelling. */
export function nodeAddress(words: Words): Setting<string> {
  return {
    ...words,
    allowed: 'http://host:port',
    parse: (text) => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      if (url?.protocol !== 'http:' || url.href !== `${url.origin}/`) {
        throw new InvalidSettingError('is not the address of a node');
      }
      return url.origin;
    },
  };
}
