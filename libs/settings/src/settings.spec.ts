import { describe, expect, it } from '@jest/globals';
import { warnOfFormerNames } from './former-names.js';
import { readSettings } from './read-settings.js';
import { flag, formerly, matching, wholeNumber } from './setting.js';
import { settingsTable } from './settings-table.js';
import { StartupError } from './startup-error.js';

const SETTINGS = {
  RINGBACK_COUNT: formerly('COUNT', wholeNumber(1, 'How many.')),
  RINGBACK_ALLOWED: formerly('ALLOWANCE', flag(true, 'Whether it may.')),
  PORT: wholeNumber(80, 'Where.'),
  RINGBACK_TOKEN: matching(/^\w+$/, 'a word', { doc: 'Who.', secret: true }),
};

function warnings(environment: Record<string, string>): unknown[] {
  const seen: unknown[] = [];
  warnOfFormerNames(SETTINGS, environment, (message, fields) => seen.push([message, fields]));
  return seen;
}

describe('readSettings', () => {
  it.each([
    ['true', true],
    ['false', false],
    [' ', true],
  ])('reads a flag of %j', (text, value) => {
    expect(readSettings(SETTINGS, { RINGBACK_ALLOWED: text }).RINGBACK_ALLOWED).toBe(value);
  });

  it('refuses a flag that is neither', () => {
    const read = (): unknown => readSettings(SETTINGS, { RINGBACK_ALLOWED: 'off' });
    expect(read).toThrow(StartupError);
    expect(read).toThrow('RINGBACK_ALLOWED="off" is not known; allowed is true or false.');
  });

  it('ignores a former name', () => {
    expect(readSettings(SETTINGS, { COUNT: '7' }).RINGBACK_COUNT).toBe(1);
  });
});

describe('warnOfFormerNames', () => {
  it('names each variable that is ignored and the one to use, without its value', () => {
    const message = 'setting ignored, it has a new name';
    expect(warnings({ COUNT: 's3cret', ALLOWANCE: 'off', PORT: '1', RINGBACK_COUNT: '2' })).toEqual([
      [message, { setting: 'COUNT', use: 'RINGBACK_COUNT' }],
      [message, { setting: 'ALLOWANCE', use: 'RINGBACK_ALLOWED' }],
    ]);
  });

  it('says nothing of variables that are absent or empty', () => {
    expect(warnings({ COUNT: ' ', RINGBACK_COUNT: '2' })).toEqual([]);
  });
});

describe('settingsTable', () => {
  it('names the variable for a file beside that of a secret, and of nothing else', () => {
    const rows = settingsTable(SETTINGS);
    expect(rows).toContain('| `RINGBACK_TOKEN` or `RINGBACK_TOKEN_FILE` | – | Who. Allowed: a word. |');
    expect(rows.filter((row) => row.includes('_FILE'))).toHaveLength(1);
  });
});
