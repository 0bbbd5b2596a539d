// Child processes of the local cluster and of the system tests: each is started until it is ready and ended without remains.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

const READY_WITHIN_MS = 20_000;
const STOP_WITHIN_MS = 15_000;

/** @typedef {{ readonly name: string, readonly pid: number, output(): string, stop(signal?: NodeJS.Signals): Promise<number | null>, exited: Promise<number | null> }} Running */

/**
 * Starts a program and resolves once `ready` answers true. Rejects, with what it printed, if it ends or takes too long.
 * @param {{ name: string, command: string, args: string[], env?: NodeJS.ProcessEnv, ready: () => Promise<boolean> }} what
 * @returns {Promise<Running>}
 */
export async function start({ name, command, args, env = process.env, ready }) {
  const child = spawn(command, args, { env: withSbin(env), stdio: ['ignore', 'pipe', 'pipe'] });
  /** @type {string[]} */
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      lines.push(String(chunk));
      if (lines.length > 1_000) lines.shift();
    });
  }
  // Rejects where the program could not be started at all.
  const exited = once(child, 'exit').then(([code]) => /** @type {number | null} */ (code));
  const output = () => lines.join('');
  const stop = async (/** @type {NodeJS.Signals} */ signal = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    return exited.finally(() => clearTimeout(late));
  };
  const running = { name, pid: child.pid ?? 0, output, stop, exited };
  const gone = exited.then((code) => {
    throw new Error(`${name} ended with ${code}:\n${output()}`);
  });
  gone.catch(() => 'of no concern once it is ready');
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  const isDone = async () => isOver() || ready();
  try {
    await Promise.race([gone, until(isDone, () => `${name} was not ready in time:\n${output()}`)]);
    if (isOver()) await gone;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return running;
}

/**
 * Waits for a condition, with a deadline.
 * @param {() => Promise<boolean>} condition
 * @param {() => string} otherwise
 */
async function until(condition, otherwise) {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!(await condition().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(otherwise());
    await delay(20);
  }
}

/** A TCP port on this machine that nobody listens on at the moment. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** @param {NodeJS.ProcessEnv} env */
function withSbin(env) {
  return { ...env, PATH: `${env['PATH'] ?? ''}:/usr/sbin:/sbin` };
}
