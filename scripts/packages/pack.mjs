// Makes the tarballs.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { compile } from './compile.mjs';
import { PACKAGES } from './list.mjs';
import { stage } from './stage.mjs';

/**
 * Packs all packages, and answers the tarball of each.
 * @param {string} to a folder, which is made
 * @returns {Map<string, string>}
 */
export function packAll(to) {
  mkdirSync(to, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'ringback-packages-'));
  try {
    const compiled = join(work, 'compiled');
    mkdirSync(compiled);
    compile(compiled);
    const folders = PACKAGES.map((what) => stageOne(what, compiled, work));
    const files = pack(folders, work, to);
    return new Map(PACKAGES.map(({ name }, index) => [name, join(to, files[index] ?? '')]));
  } finally {
    rmSync(work, { recursive: true });
  }
}

/**
 * @param {import('./list.mjs').Package} what
 * @param {string} compiled
 * @param {string} work
 */
function stageOne(what, compiled, work) {
  const folder = join(work, basename(what.name));
  mkdirSync(folder);
  stage(what, compiled, folder);
  return folder;
}

/**
 * Answers the names of the tarballs, in the order of the folders.
 * @param {readonly string[]} folders
 * @param {string} work
 * @param {string} to
 * @returns {string[]}
 */
function pack(folders, work, to) {
  const options = ['--ignore-scripts', '--offline', '--json', '--pack-destination', to];
  const told = execFileSync('npm', ['pack', ...folders, ...options, '--cache', join(work, 'cache')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return JSON.parse(told).map((/** @type {{ filename: string }} */ { filename }) => filename);
}
