import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '../scripts/processes.mjs';
import { root } from '../scripts/set-up.mjs';
import { trigger } from './support/http.js';

const WITHIN_MS = 60_000;

describe('npm run cluster', () => {
  let cluster: ChildProcess | undefined;

  afterEach(() => void cluster?.kill('SIGTERM'));

  it('goes on when a node is killed, which comes back with its id and says so', async () => {
    const port = await freePort();
    cluster = spawn('node', [join(root, 'scripts/cluster.mjs')], {
      env: { ...process.env, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    cluster.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const says = (pattern: RegExp): Promise<string> =>
      waitFor(() => pattern.exec(text)?.[1], String(pattern), WITHIN_MS) as Promise<string>;

    process.kill(Number(await says(/kill -9 (\d+)/)), 'SIGKILL');
    expect(await says(/(node1 was killed)/)).toBe('node1 was killed');
    const url = `http://127.0.0.1:${port}`;
    await expect(trigger(url, 'hello')).resolves.toMatchObject({ eventguid: 'hello' });
    const pid = Number(await says(/node1 is back as process (\d+)/));
    expect(process.kill(pid, 0)).toBe(true);

    const exited = once(cluster, 'exit');
    cluster.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });
});
