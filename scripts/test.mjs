// Every test, after all the set-up that a fresh machine needs. Arguments go to jest: npm test -- libs/core
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, installPackages, installPrograms, root } from './set-up.mjs';

installPackages();
installPrograms(['redis-server', 'redis-cli', 'haproxy']);
build();

const folder = mkdtempSync(join(tmpdir(), 'ringback-tests-'));
const report = join(folder, 'report.json');
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const jest = ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`];
const { status, signal } = spawnSync('node', [...flags, ...jest, ...process.argv.slice(2)], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
});
const outcome = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
rmSync(folder, { recursive: true });
if (outcome) {
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = outcome;
  console.log(`${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed`);
} else {
  console.error(`jest ended before it had a report, with ${signal ?? `status ${status}`}`);
}
process.exit(outcome ? (status ?? 1) : Math.max(status ?? 1, 1));
