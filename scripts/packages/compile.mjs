// All entries of all packages, compiled once, types included. Libraries still import each other by name.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../set-up.mjs';
import { PACKAGES } from './list.mjs';

/** @param {import('./list.mjs').Package} what */
const modulesOf = ({ entries, programs = [] }) => [
  ...Object.values(entries),
  ...programs.map((app) => `apps/${app}/src/main`),
];

/**
 * Leaves the tree of the repository in the folder, as JavaScript.
 * @param {string} folder
 */
export function compile(folder) {
  const config = join(folder, 'tsconfig.json');
  writeFileSync(config, JSON.stringify(configFor(folder)));
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', config], { stdio: 'inherit' });
}

/** @param {string} folder */
function configFor(folder) {
  return {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      rootDir: root,
      outDir: folder,
      declaration: true,
      stripInternal: true,
      sourceMap: false,
      allowJs: false,
      checkJs: false,
      typeRoots: [join(root, 'node_modules/@types')],
      paths: { '@ringback/*': [join(root, 'libs/*/src/index.ts')] },
    },
    files: PACKAGES.flatMap(modulesOf).map((module) => join(root, `${module}.ts`)),
    include: [],
  };
}
