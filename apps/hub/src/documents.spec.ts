import { describe, expect, it } from '@jest/globals';
import { CLOSE_REASONS, ERROR_CODES } from '@ringback/contract';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { settingsOf } from './config.js';
import { generatedDocuments } from './documents.js';

const root = join(import.meta.dirname, '../../..');

describe('generated documents', () => {
  it.each([...generatedDocuments()])(
    '%s is what the code says now (else: node scripts/docs.mjs)',
    async (path, text) => {
      expect(await readFile(join(root, path), 'utf8')).toBe(text);
    },
  );

  it('name every variable, error code and close code', () => {
    const pages = generatedDocuments();
    for (const name of Object.keys(settingsOf()))
      expect(pages.get('docs/configuration.md')).toMatch(new RegExp(`^\\| \`${name}\` (or .*)?\\|`, 'm'));
    for (const name of Object.keys(ERROR_CODES))
      expect(pages.get('docs/errors.md')).toContain(`| \`${name}\` |`);
    for (const { code } of Object.values(CLOSE_REASONS))
      expect(pages.get('docs/errors.md')).toContain(`| ${code} |`);
  });
});
