import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatDocument } from './format-document.js';
import { recordSurface } from './record.js';

const { values } = parseArgs({
  options: { out: { type: 'string', default: join(import.meta.dirname, 'recorded.json') } },
});

const began = performance.now();
await writeFile(values.out, formatDocument(await recordSurface()));
console.log(`recorded in ${((performance.now() - began) / 1_000).toFixed(1)} s: ${values.out}`);
