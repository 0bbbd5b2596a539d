// Writes what the image is made of, as CycloneDX and SPDX: npm run sbom [-- FOLDER], by default dist/packages.
import { join, resolve } from 'node:path';
import { writeSboms } from './release/sbom.mjs';
import { root } from './set-up.mjs';

const [folder = join(root, 'dist/packages')] = process.argv.slice(2);
for (const file of writeSboms(resolve(folder))) console.log(file);
