import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../scripts/processes.mjs';
import { root } from '../scripts/set-up.mjs';

const APPS = ['hub', 'agent'] as const;
/** SIGTERM in a mask of signals. */
const SIGTERM_BIT = 1 << 14;
/** From the moment on in which signals are heeded: modules are loaded, the node is made, joins, and runs. */
const MOMENTS_MS = [0, 50, 100, 200, 400, 800] as const;
const WITHIN_MS = 20_000;

describe.each(APPS)('a signal in the first second of the %s', (app) => {
  const started: ChildProcess[] = [];

  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
  });

  async function start(): Promise<ChildProcess> {
    const port = String(await freePort());
    const settings = {
      PORT: port,
      RINGBACK_AGENT_PORT: port,
      RINGBACK_SHUTDOWN_DELAY_MS: '0',
      REDIS_URL: '',
    };
    const child = spawn('node', [join(root, `dist/apps/${app}/apps/${app}/src/main.js`)], {
      env: { ...process.env, ...settings },
      stdio: 'ignore',
    });
    started.push(child);
    await waitFor(() => heedsSigterm(child.pid ?? 0), 'a process that heeds signals', WITHIN_MS);
    return child;
  }

  it.each(MOMENTS_MS)('ends it with 0, %s ms after it heeds signals', async (ms) => {
    const child = await start();
    const exited = once(child, 'exit');
    await pause(ms);
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });
});

/** Whether the process has a handler of its own for SIGTERM. */
function heedsSigterm(pid: number): boolean {
  const file = `/proc/${pid}/status`;
  const caught = existsSync(file)
    ? /^SigCgt:\s+([0-9a-f]+)$/m.exec(readFileSync(file, 'utf8'))?.[1]
    : undefined;
  return caught !== undefined && Number(BigInt(`0x${caught}`) & BigInt(SIGTERM_BIT)) !== 0;
}
