import { InvalidSettingError, splitList, type Setting } from '@ringback/settings';

export type CorsOrigins = '*' | readonly string[];

type Words = Pick<Setting<unknown>, 'doc' | 'absent'>;

/** `*`, or a comma list of origins. */
export function corsOrigins(words: Words): Setting<CorsOrigins> {
  return {
    ...words,
    allowed: '* for all, or origins like https://app.example.com, separated by commas',
    parse: (text) => (text === '*' ? text : splitList(text).map(parseOrigin)),
  };
}

function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (!isWeb || url.origin !== text)
    throw new InvalidSettingError(`names ${JSON.stringify(text)}, which is not an origin`);
  return text;
}
