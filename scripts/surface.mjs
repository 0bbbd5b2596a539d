// Records what this build says and stores. npm run surface -- --out FILE writes it elsewhere than to test/surface/recorded.json.
import { spawnSync } from 'node:child_process';
import { build, installPackages, installPrograms, root } from './set-up.mjs';

installPackages();
installPrograms(['redis-server']);
build();

const recorder = ['--import', 'tsx', 'test/surface/main.ts'];
const { status } = spawnSync('node', [...recorder, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
