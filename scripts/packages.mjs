// Makes the tarballs of what is published: npm run packages [-- FOLDER], by default dist/packages.
import { join, resolve } from 'node:path';
import { packAll } from './packages/pack.mjs';
import { installPackages, root } from './set-up.mjs';

installPackages();
const [folder = join(root, 'dist/packages')] = process.argv.slice(2);
for (const [name, tarball] of packAll(resolve(folder))) console.log(`${name}  ${tarball}`);
