import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from './read-settings.js';
import { readSecret } from './secret-files.js';
import { defaulted, matching } from './setting.js';
import { StartupError } from './startup-error.js';

const word = matching(/^\w+$/, 'a word', { doc: 'Who.', secret: true });
const SETTINGS = {
  TOKEN: word,
  NAMED: defaulted('nobody', word),
  PLAIN: matching(/./, 'text', { doc: 'What.' }),
};

let folder: string;
let path: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
  path = join(folder, 'token');
});

afterAll(() => rmSync(folder, { recursive: true }));

function holds(text: string): Record<string, string> {
  writeFileSync(path, text);
  return { TOKEN_FILE: path };
}

function refusal(environment: Record<string, string>): StartupError {
  try {
    readSettings(SETTINGS, environment);
  } catch (error) {
    if (error instanceof StartupError) return error;
    throw error;
  }
  throw new Error('accepted');
}

describe('readSecret', () => {
  it.each(['s3cret', 's3cret\n', 's3cret\r\n', ' s3cret \n\n', '\uFEFFs3cret\n'])(
    'reads a file that holds %j',
    (text) => {
      expect(readSettings(SETTINGS, holds(text)).TOKEN).toBe('s3cret');
    },
  );

  it.each(['s3cret\n', ' s3cret'])('reads a variable of %j', (text) => {
    expect(readSecret('TOKEN', { TOKEN: text, TOKEN_FILE: ' ' })).toBe('s3cret');
  });

  it('puts the file in the place of a default, and keeps the default where there is none', () => {
    holds('s3cret');
    expect(readSettings(SETTINGS, { NAMED_FILE: path }).NAMED).toBe('s3cret');
    expect(readSettings(SETTINGS, {}).NAMED).toBe('nobody');
  });

  it('reads no file for what is no secret', () => {
    holds('s3cret');
    expect(readSettings(SETTINGS, { PLAIN_FILE: path }).PLAIN).toBeUndefined();
  });

  it('refuses both the variable and the file, and shows neither value', () => {
    const { message } = refusal({ ...holds('s3cret'), TOKEN: 'other' });
    expect(message).toBe('TOKEN and TOKEN_FILE are both set; set one of them.');
  });

  it('refuses a value of the file as it would that of the variable, without showing it', () => {
    expect(refusal(holds('s3-cret')).message).toBe('TOKEN does not look right; allowed is a word.');
  });

  it.each(['', '\n', '\uFEFF'])(
    'refuses a file that holds %j: without its secret a process would run open',
    (text) => {
      expect(refusal(holds(text)).message).toBe(
        `TOKEN_FILE="${path}" is empty; write the value into the file.`,
      );
    },
  );

  it('names a file that is not there, or is a directory', () => {
    const missing = join(folder, 'missing');
    expect(refusal({ TOKEN_FILE: missing }).message).toBe(
      `TOKEN_FILE="${missing}" cannot be read: there is no such file.`,
    );
    expect(refusal({ TOKEN_FILE: folder }).message).toBe(
      `TOKEN_FILE="${folder}" cannot be read: it is a directory.`,
    );
  });
});
