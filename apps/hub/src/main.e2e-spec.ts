import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { startHubNode } from '../../../scripts/hub-node.mjs';
import { freePort } from '../../../scripts/processes.mjs';
import { build, root } from '../../../scripts/set-up.mjs';

interface Exit {
  readonly code: number | null;
  readonly stderr: string;
}

describe('the hub as a process', () => {
  const children: ChildProcess[] = [];

  beforeAll(() => {
    build();
  });

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  function spawnHub(env: Record<string, string>): { child: ChildProcess; exit: Promise<Exit> } {
    const main = `${root}/dist/apps/hub/apps/hub/src/main.js`;
    const child = spawn(process.execPath, [main], {
      env: { ...process.env, PORT: '0', REDIS_URL: '', RINGBACK_SHUTDOWN_DELAY_MS: '0', ...env },
    });
    children.push(child);
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const exit = once(child, 'close').then(([code]) => ({ code: code as number | null, stderr }));
    return { child, exit };
  }

  /** The first log line with that message. */
  async function line(child: ChildProcess, message: string): Promise<Record<string, unknown>> {
    for await (const text of createInterface({ input: child.stdout! })) {
      const parsed = JSON.parse(text) as Record<string, unknown>;
      if (parsed['message'] === message) return parsed;
    }
    throw new Error(`The hub ended without saying "${message}".`);
  }

  it.each([
    [{ PORT: 'http' }, 'PORT="http" is not a whole number; allowed is a whole number from 0 to 65535.\n'],
    [
      { HOST: '192.0.2.1', RINGBACK_ALLOW_ANONYMOUS: 'true' },
      'HOST=192.0.2.1 is not an address of this machine; choose one that is, or 0.0.0.0.\n',
    ],
    [
      { REDIS_URL: 'redis://:s3cret@127.0.0.1:1' },
      'REDIS_URL: Redis does not answer at 127.0.0.1:1 (ECONNREFUSED); start it, or correct the address.\n',
    ],
  ])('ends with 1 and one sentence for %j', async (env, sentence) => {
    expect(await spawnHub(env).exit).toEqual({ code: 1, stderr: sentence });
  });

  it('names the variable to use instead of a former one, and not its value', async () => {
    const { child } = spawnHub({ ACCESS_TOKENS: 'app:s3cret:trigger' });
    const warning = await line(child, 'setting ignored, it has a new name');
    expect(warning).toMatchObject({
      level: 'warn',
      setting: 'ACCESS_TOKENS',
      use: 'RINGBACK_ACCESS_TOKENS',
    });
    expect(JSON.stringify(warning)).not.toContain('s3cret');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'says where it listens, and ends with 0 after %s',
    async (signal) => {
      const { child, exit } = spawnHub({});
      const { url } = await line(child, 'listening');
      expect((await fetch(`${String(url)}/health/ready`)).status).toBe(200);
      child.kill(signal);
      expect(await exit).toEqual({ code: 0, stderr: '' });
    },
  );

  it('is not taken for another one that has its port already', async () => {
    const port = await freePort();
    const first = await startHubNode({ port, env: { LOG_LEVEL: 'warn', RINGBACK_SHUTDOWN_DELAY_MS: '0' } });
    await expect(
      startHubNode({ port, env: { LOG_LEVEL: 'warn', RINGBACK_SHUTDOWN_DELAY_MS: '0' } }),
    ).rejects.toThrow(`PORT=${port} is in use`);
    expect(await first.stop()).toBe(0);
  });

  it.each([
    [{}, 'ReceiveEvent  eventguid: hello  cookie: my cookie'],
    [{ RINGBACK_SOCKETIO_PATH: '/live' }, 'ReceiveEvent  eventguid: hello  cookie: my cookie'],
    [{ RINGBACK_ACCESS_TOKENS: 'app:s3cret:trigger' }, 'RINGBACK_ACCESS_TOKENS is set'],
  ])('is shown by npm start with %j', async (env, shown) => {
    const PORT = String(await freePort());
    const child = spawn(process.execPath, [`${root}/scripts/start.mjs`], {
      env: { ...process.env, ...env, PORT },
    });
    children.push(child);
    const ended = once(child, 'close');
    let said = '';
    for await (const text of createInterface({ input: child.stdout })) {
      said += `${text}\n`;
      if (text === 'Ctrl-C stops it.') child.kill('SIGTERM');
    }
    expect(said).toContain(shown);
    expect(await ended).toEqual([0, null]);
  });
});
