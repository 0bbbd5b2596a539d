// Brings a fresh machine to where the other scripts can work. Uses nothing but Node itself.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');
const built = ['hub', 'agent'].map((app) => join(root, `dist/apps/${app}/apps/${app}/src/main.js`));

/** Debian's package for each program, or module of one, that tests, benchmarks and the local cluster need. */
const PACKAGES = {
  'redis-server': 'redis-server',
  'redis-cli': 'redis-tools',
  'redis-sentinel': 'redis-sentinel',
  haproxy: 'haproxy',
  nginx: 'nginx',
  openssl: 'openssl',
  prometheus: 'prometheus',
  promtool: 'prometheus',
  caddy: 'caddy',
  apache2: 'apache2-bin',
  chromium: 'chromium',
  nchan: 'libnginx-mod-nchan',
};

/** What stands on no path, since it is no program but a module of one. @type {Readonly<Record<string, string>>} */
const MODULES = { nchan: '/usr/lib/nginx/modules/ngx_nchan_module.so' };

/** Installs the npm packages unless they are there and as new as the lock file. */
export function installPackages() {
  const stamp = join(root, 'node_modules/.package-lock.json');
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs)
    return;
  // `npm ci` would empty what the link points to.
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) return;
  run('npm', ['ci', '--no-audit', '--no-fund'], 'Installing the npm packages');
}

/** Builds hub and agent unless what is built is newer than every source. */
export function build() {
  const changed = newest(join(root, 'apps'), join(root, 'libs'));
  if (built.every((file) => existsSync(file) && changed < statSync(file).mtimeMs)) return;
  run('npm', ['run', '--silent', 'build'], 'Building hub and agent');
}

/**
 * Makes sure that programs are there: installs them from Debian's packages where it may, else says what to install and ends.
 * @param {(keyof typeof PACKAGES)[]} programs
 */
export function installPrograms(programs) {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((program) => PACKAGES[program]))];
  if (!onPath('apt-get') || !(isRoot() || succeeds('sudo', ['-n', 'true']))) {
    fail(
      `Please install ${missing.join(' and ')} (on Debian: apt-get install ${packages.join(' ')}), then try again.`,
    );
  }
  apt(['update', '-qq'], 'Reading the list of Debian packages');
  apt(['install', '-y', '-qq', '--no-install-recommends', ...packages], `Installing ${packages.join(', ')}`);
}

/** The port that PORT names, or 8080. Ends the process with a sentence where it names none. */
export function chosenPort() {
  const text = process.env['PORT']?.trim() || '8080';
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  return fail(`PORT="${text}" is not a port; allowed is a whole number from 1 to 65535.`);
}

/**
 * Says a sentence and ends the process.
 * @param {string} sentence
 * @returns {never}
 */
export function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

/**
 * @param {string[]} args
 * @param {string} what
 */
function apt(args, what) {
  if (isRoot()) run('apt-get', args, what);
  else run('sudo', ['-n', 'apt-get', ...args], what);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} what
 */
function run(command, args, what) {
  console.log(`${what} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8' });
  if (status === 0) return;
  console.error(stdout, stderr);
  fail(`${what} failed: ${command} ${args.join(' ')}`);
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function succeeds(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** @param {string} name */
function isInstalled(name) {
  const module = MODULES[name];
  return module === undefined ? onPath(name) : existsSync(module);
}

/** @param {string} program */
function onPath(program) {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(join(folder, program)));
}

function isRoot() {
  return process.getuid?.() === 0;
}

/**
 * When the newest file below the folders was changed.
 * @param {string[]} folders
 */
function newest(...folders) {
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name))),
  );
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}
