// Tests, after all the set-up that a fresh machine needs. Arguments are paths: npm test -- libs/core
// npm test runs units, integration and one system test for each gateway; npm run test:system the long matrices.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, installPackages, installPrograms, root } from './set-up.mjs';

const { values, positionals: paths } = parseArgs({
  options: { matrix: { type: 'boolean', default: false } },
  allowPositionals: true,
});

installPackages();
installPrograms([
  'redis-server',
  'redis-cli',
  'redis-sentinel',
  'haproxy',
  'nginx',
  'openssl',
  'prometheus',
  'promtool',
  ...(values.matrix ? /** @type {const} */ (['caddy', 'apache2', 'chromium']) : []),
]);
build();

const folder = mkdtempSync(join(tmpdir(), 'ringback-tests-'));
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];

/**
 * Runs rings of tests and answers how many passed and failed; a jest that ends without a report counts as a failure.
 * @param {string[]} rings
 * @param {string[]} options
 */
function run(rings, options = []) {
  const report = join(folder, `${rings.join('-')}.json`);
  const jest = [
    'node_modules/jest/bin/jest.js',
    '--json',
    `--outputFile=${report}`,
    '--passWithNoTests',
    ...options,
  ];
  const args = [...flags, ...jest, '--selectProjects', ...rings, '--', ...paths];
  const { status, signal } = spawnSync('node', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (!existsSync(report)) {
    console.error(`jest ended before it had a report, with ${signal ?? `status ${status}`}`);
    return { passed: 0, failed: 1 };
  }
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  return { passed: numPassedTests, failed: failed || (status === 0 ? 0 : 1) };
}

// Whole clusters one after the other: two at a time would disturb what each measures of the other's machine.
const results = values.matrix
  ? [run(['matrix'], ['--runInBand'])]
  : [run(['unit', 'integration']), run(['system'], ['--runInBand'])];
rmSync(folder, { recursive: true });
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
