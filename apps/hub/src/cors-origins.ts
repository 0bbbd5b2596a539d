import { normalizeOrigin } from '@ringback/contract';
import { InvalidSettingError, splitList, type Setting } from '@ringback/settings';

export type CorsOrigins = '*' | readonly string[];

type Words = Pick<Setting<unknown>, 'doc' | 'absent'>;

/** `*`, or a comma list of origins. */
export function corsOrigins(words: Words): Setting<CorsOrigins> {
  return {
    ...words,
    allowed:
      '* for all, or origins like https://app.example.com or capacitor://localhost, separated by commas',
    parse: (text) => (text === '*' ? text : splitList(text).map(parseOrigin)),
  };
}

function parseOrigin(text: string): string {
  const origin = normalizeOrigin(text);
  if (origin === undefined)
    throw new InvalidSettingError(`names ${JSON.stringify(text)}, which is not an origin`);
  return origin;
}
