#!/usr/bin/env node
// Starts one of the programs of Ringback: ringback [hub | agent]. Signals are heeded from the first moment, as process 1 of a container too.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** What can be started, the default first. */
const PROGRAMS = ['hub', 'agent'];

const HELP = `Ringback, a clustered event-notification hub.

  ringback [hub]       a node of the hub; in memory unless REDIS_URL names a Redis
  ringback agent       the agent: turns deliveries into tickets and calls your handlers
  ringback --version
  ringback --help

Settings are environment variables: docs/configuration.md for the hub, docs/agent.md for the agent.
`;

const [name = 'hub', ...rest] = process.argv.slice(2);
if (name === '--help' || name === '-h') process.stdout.write(HELP);
else if (name === '--version') process.stdout.write(`${version()}\n`);
else if (!PROGRAMS.includes(name)) refuse(`There is no program '${name}'.`);
else if (rest.length > 0) refuse(`'${name}' takes no arguments: settings are environment variables.`);
else await import(`../dist/apps/${name}/apps/${name}/src/main.js`);

/** @returns {string} */
function version() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

/** @param {string} sentence */
function refuse(sentence) {
  process.stderr.write(`${sentence}\n\n${HELP}`);
  process.exitCode = 64; // EX_USAGE
}
