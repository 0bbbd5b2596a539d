// What a module needs: the files that it imports, and theirs, and the packages that these name.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const IMPORTED = /(?:\bfrom |\bimport |\bimport\(|\bresolve\()(['"])([^'"]+)\1/g;
const LIBRARY = /^@ringback[/]([\w-]+)$/;

/** @typedef {{ readonly files: Set<string>, readonly packages: Set<string> }} Reached */

/**
 * @param {string} compiled the folder of the compiled repository
 * @param {readonly string[]} starts modules in it, with the ending that is followed: `.js` for what runs, `.d.ts` for types
 * @param {Readonly<Record<string, string>>} published
 * @returns {Reached}
 */
export function reachable(compiled, starts, published = {}) {
  const files = new Set(starts);
  const packages = new Set();
  for (const file of files)
    for (const name of importsOf(join(compiled, file))) {
      const path = pathOf(file, name, published);
      if (path === undefined) packages.add(packageOf(published[LIBRARY.exec(name)?.[1] ?? ''] ?? name));
      else files.add(file.endsWith('.d.ts') ? path.replace(/[.]js$/, '.d.ts') : path);
    }
  for (const file of files) if (!existsSync(join(compiled, file))) throw new Error(`There is no ${file}.`);
  return { files, packages };
}

/**
 * The file in the repository that an import leads to; undefined if it leads to another package.
 * @param {string} file
 * @param {string} name
 * @param {Readonly<Record<string, string>>} published
 */
export function pathOf(file, name, published = {}) {
  if (name.startsWith('.')) return normalize(join(dirname(file), name));
  const [, library = ''] = LIBRARY.exec(name) ?? [];
  return library && !published[library] ? `libs/${library}/src/index.js` : undefined;
}

/** @param {string} path */
function importsOf(path) {
  return [...readFileSync(path, 'utf8').matchAll(IMPORTED)].map(([, , name = '']) => name);
}

/** @param {string} name */
function packageOf(name) {
  if (name.startsWith('node:')) return 'node:';
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/');
}
