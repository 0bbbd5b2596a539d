// Lays a package out in a folder of its own, as it is installed.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from '../set-up.mjs';
import { manifestOf } from './manifest.mjs';
import { pathOf, reachable } from './reachable.mjs';

const SOURCE = /[.]ts$|(^|[/])testing([/]|$)/;

/**
 * The repository's tree stands in `dist`; of a package with programs in `dist/apps/<app>`, once for each, as the build leaves it.
 * @param {import('./list.mjs').Package} what
 * @param {string} compiled
 * @param {string} folder
 */
export function stage(what, compiled, folder) {
  const { entries, programs, published = {}, readme, documents = [] } = what;
  const modules = Object.values(entries);
  const home = programs ? 'dist/apps/agent' : 'dist';
  const parts = [
    ...(programs ?? []).map((app) => ({ starts: [`apps/${app}/src/main.js`], to: `dist/apps/${app}` })),
    ...(programs ? [] : [{ starts: modules.map((module) => `${module}.js`), to: home }]),
    { starts: modules.map((module) => `${module}.d.ts`), to: home },
  ];
  const names = new Set();
  for (const { starts, to } of parts) {
    const { files, packages } = reachable(compiled, starts, published);
    for (const file of files) place(file, { compiled, folder: join(folder, to), published });
    copyAssets(files, join(folder, to));
    for (const name of packages) names.add(name);
  }
  const manifest = manifestOf(what, names, (module) => `${home}/${module}`);
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  cpSync(join(root, readme), join(folder, 'README.md'));
  for (const file of ['LICENSE', 'NOTICE', ...documents]) cpSync(join(root, file), join(folder, file));
  if (programs) cpSync(join(root, 'bin/ringback.mjs'), join(folder, 'bin/ringback.mjs'));
}

/**
 * Libraries are imported by their place; those that another package of ours has, by its name.
 * @param {string} file
 * @param {{ compiled: string, folder: string, published: Record<string, string> }} where
 */
function place(file, { compiled, folder, published }) {
  const text = readFileSync(join(compiled, file), 'utf8');
  const placed = text.replaceAll(/(['"])(@ringback[/]([\w-]+))\1/g, (whole, quote, name, library) => {
    const path = pathOf(file, name, published);
    if (path === undefined) return `${quote}${published[library] ?? name}${quote}`;
    const from = relative(dirname(file), path);
    return `${quote}${from.startsWith('.') ? from : `./${from}`}${quote}`;
  });
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), placed);
}

/**
 * What programs read beside their code: scripts for Redis, pages.
 * @param {Iterable<string>} files
 * @param {string} folder
 */
function copyAssets(files, folder) {
  const code = [...files].filter((file) => file.endsWith('.js'));
  for (const source of new Set(code.map((file) => file.split('/', 3).join('/'))))
    for (const name of readdirSync(join(root, source), { recursive: true, encoding: 'utf8' }))
      if (/[.]\w+$/.test(name) && !SOURCE.test(name))
        cpSync(join(root, source, name), join(folder, source, name));
}
