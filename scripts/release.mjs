// Checks and makes what a version consists of: npm run release -- [--dry-run] [FOLDER for what is made, by default dist/packages].
// It publishes nothing: it says what to run for that.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { packAll } from './packages/pack.mjs';
import { rootManifest } from './packages/manifest.mjs';
import { problemsOf } from './release/problems.mjs';
import { writeSboms } from './release/sbom.mjs';
import { fail, installPackages, root } from './set-up.mjs';

const { values, positionals } = parseArgs({
  options: { 'dry-run': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const isDryRun = values['dry-run'];
const { version } = rootManifest;
const read = (/** @type {string} */ file) => readFileSync(join(root, file), 'utf8');
const changes = uncommitted();
const versionsElsewhere = {
  'package-lock.json': JSON.parse(read('package-lock.json')).version,
  'charts/ringback/Chart.yaml': /^appVersion: (.+)$/m.exec(read('charts/ringback/Chart.yaml'))?.[1],
  'k8s/base/deployment.yaml': /image: ringback:(.+)$/m.exec(read('k8s/base/deployment.yaml'))?.[1],
};

const problems = problemsOf({
  version,
  versionsElsewhere,
  changelog: read('CHANGELOG.md'),
  changes,
  isDryRun,
});
if (problems.length > 0) fail(problems.join('\n'));
installPackages();
const folder = resolve(positionals[0] ?? join(root, 'dist/packages'));
const tarballs = packAll(folder);
const sboms = writeSboms(folder);

console.log(`version    ${version}`);
for (const [name, file] of tarballs)
  console.log(`package    ${name}@${version}  ${file}  ${statSync(file).size} bytes`);
console.log(`image      ringback:${version}`);
for (const file of sboms)
  console.log(`sbom       ringback:${version}  ${file}  ${statSync(file).size} bytes`);
console.log(isDryRun ? 'A dry run: nothing is published.' : 'Nothing is published yet. To do that:');
if (!isDryRun) for (const command of commands()) console.log(`  ${command}`);

function* commands() {
  for (const file of tarballs.values()) yield `npm publish ${file} --access public`;
  yield `docker build --build-arg VERSION=${version} --build-arg REVISION=$(git rev-parse HEAD) -t ringback:${version} .`;
  yield `git tag v${version}`;
}

/** @returns {string[]} */
function uncommitted() {
  const { status, stdout } = spawnSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) return ['there is no git repository'];
  return stdout
    .split('\n')
    .map((line) => line.slice(3))
    .filter((file) => file !== '');
}
