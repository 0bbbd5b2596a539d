import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Section } from './document.js';
import { readRenameList, type RenameList } from './comparison/rename-list.js';

/** What this build says and stores, as `npm run surface` has written it. */
export function readRecorded(): Section {
  return JSON.parse(read('recorded.json')) as Section;
}

/** The same of the build before public names were changed. Never written anew. */
export function readBefore(): Section {
  return JSON.parse(read('before.json')) as Section;
}

/** What has been changed between the two. */
export function readRenames(): RenameList {
  return readRenameList(read('renames.json'));
}

function read(name: string): string {
  return readFileSync(join(import.meta.dirname, name), 'utf8');
}
