import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../scripts/processes.mjs';
import { root } from '../scripts/set-up.mjs';

const APPS = ['hub', 'agent'] as const;
/** Loaded before the app: tells when it begins to listen to SIGTERM. Before that Node itself dies of the signal. */
const TELL_TALE = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from 'node:fs';
  process.on('newListener', (name) => name === 'SIGTERM' && writeSync(1, 'heeds SIGTERM'));
`)}`;
/** From the moment on in which signals are heeded: modules are loaded, the node is made, joins, and runs. */
const MOMENTS_MS = [0, 50, 100, 200, 400, 800] as const;

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
    const child = spawn(
      'node',
      ['--import', TELL_TALE, join(root, `dist/apps/${app}/apps/${app}/src/main.js`)],
      {
        env: { ...process.env, ...settings },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    started.push(child);
    await once(child.stdout, 'data');
    child.stdout.resume();
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
