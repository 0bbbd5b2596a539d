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
    return new Map(PACKAGES.map((what) => [what.name, packOne(what, compiled, work, to)]));
  } finally {
    rmSync(work, { recursive: true });
  }
}

/**
 * @param {import('./list.mjs').Package} what
 * @param {string} compiled
 * @param {string} work
 * @param {string} to
 */
function packOne(what, compiled, work, to) {
  const folder = join(work, basename(what.name));
  mkdirSync(folder);
  stage(what, compiled, folder);
  const options = ['--ignore-scripts', '--offline', '--json', '--pack-destination', to];
  const told = execFileSync('npm', ['pack', ...options, '--cache', join(work, 'cache')], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return join(to, JSON.parse(told)[0].filename);
}
