// Every test, after all the set-up that a fresh machine needs. Arguments go to jest: npm test -- libs/core
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
const { status } = spawnSync('node', [...flags, ...jest, ...process.argv.slice(2)], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
});
const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(
  readFileSync(report, 'utf8'),
);
rmSync(folder, { recursive: true });
console.log(`${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed`);
process.exit(status ?? 1);
