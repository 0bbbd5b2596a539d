// The package.json of a package: versions and ranges come from the root's.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../set-up.mjs';
import { PACKAGES } from './list.mjs';

/** @type {{ version: string, license: string, engines: object, dependencies: Record<string, string>, devDependencies: Record<string, string> }} */
export const rootManifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/**
 * @param {import('./list.mjs').Package} what
 * @param {Iterable<string>} names packages that its code or its types import
 * @param {(module: string) => string} placeOf where in the package a module of the repository stands
 */
export function manifestOf(what, names, placeOf) {
  const { name, description, keywords, entries, programs, documents = [] } = what;
  const { version, license, engines } = rootManifest;
  return {
    name,
    version,
    description,
    keywords,
    license,
    type: 'module',
    engines,
    ...(programs && { bin: { ringback: 'bin/ringback.mjs' } }),
    exports: exportsOf(entries, programs !== undefined, placeOf),
    files: ['dist', ...(programs ? ['bin'] : []), ...documents, 'NOTICE'],
    sideEffects: false,
    ...needs(what, [...names].toSorted()),
  };
}

/**
 * Sub-paths of a package that has programs are types alone.
 * @param {Record<string, string>} entries
 * @param {boolean} isProgram
 * @param {(module: string) => string} placeOf
 */
function exportsOf(entries, isProgram, placeOf) {
  const each = Object.entries(entries).map(([path, module]) => {
    const place = `./${placeOf(module)}`;
    return [path, { types: `${place}.d.ts`, ...(!isProgram && { default: `${place}.js` }) }];
  });
  return { ...Object.fromEntries(each), './package.json': './package.json' };
}

/**
 * @param {import('./list.mjs').Package} what
 * @param {string[]} names
 */
function needs({ peers, optionalPeers, isExact = false }, names) {
  const packages = names.filter((name) => name !== 'node:');
  const asPeers = packages.filter((name) => peers?.test(name));
  const optional = asPeers.filter((name) => optionalPeers?.test(name));
  const range = (/** @type {string} */ name) => [name, rangeOf(name, isExact, optional.includes(name))];
  const peerDependencies = Object.fromEntries(asPeers.map(range));
  if (names.includes('node:')) {
    peerDependencies['@types/node'] = '>=20';
    optional.push('@types/node');
  }
  return {
    dependencies: Object.fromEntries(packages.filter((name) => !asPeers.includes(name)).map(range)),
    peerDependencies,
    peerDependenciesMeta: Object.fromEntries(optional.map((name) => [name, { optional: true }])),
  };
}

/**
 * @param {string} name
 * @param {boolean} isExact
 * @param {boolean} isOptional whether it is enough that the tests have it
 */
function rangeOf(name, isExact, isOptional) {
  if (PACKAGES.some((other) => other.name === name)) return rootManifest.version;
  const { dependencies, devDependencies } = rootManifest;
  const version = dependencies[name] ?? (isOptional ? devDependencies[name] : undefined);
  if (version === undefined) throw new Error(`${name} is imported, and no dependency in package.json.`);
  return isExact ? version : `^${version}`;
}
