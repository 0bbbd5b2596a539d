// Writes the pages that are generated from tables in the code.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from './set-up.mjs';

build();

const root = join(import.meta.dirname, '..');
const { generatedDocuments } = await import(join(root, 'dist/apps/hub/apps/hub/src/documents.js'));

for (const [path, text] of generatedDocuments()) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
  console.log(`wrote ${path}`);
}
