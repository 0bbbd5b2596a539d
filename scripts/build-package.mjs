// Compiles a library of ours into a package that works by itself: node scripts/build-package.mjs libs/signalr [folder]
// What it imports of our other libraries comes along in `bundled/`, and is imported from there.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';

const [folder = '.', to] = process.argv.slice(2);
const library = resolve(folder);
const output = resolve(to ?? join(library, 'dist'));
const stage = mkdtempSync(join(tmpdir(), 'build-package-'));

/** Every library that has been imported stands in the stage as `<name>/src`. */
function compile() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const options = ['-p', join(library, 'tsconfig.build.json'), '--outDir', stage];
  execFileSync(process.execPath, [tsc, ...options], { stdio: 'inherit' });
}

function bundle() {
  rmSync(output, { recursive: true, force: true });
  for (const name of readdirSync(stage)) {
    const place = name === basename(library) ? output : join(output, 'bundled', name);
    cpSync(join(stage, name, 'src'), place, { recursive: true });
  }
}

/** @param {string} file */
function importFromBundle(file) {
  const bundled = join(relative(dirname(file), output), 'bundled');
  const path = bundled.startsWith('.') ? bundled : `./${bundled}`;
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replaceAll(/(from |import\()'@ringback\/([\w-]+)'/g, `$1'${path}/$2/index.js'`));
}

compile();
bundle();
for (const file of readdirSync(output, { recursive: true, encoding: 'utf8' }))
  if (/[.](js|d[.]ts)$/.test(file)) importFromBundle(join(output, file));
rmSync(stage, { recursive: true });
