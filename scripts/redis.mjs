// A redis-server of our own, which keeps nothing.
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, start } from './processes.mjs';

/**
 * Starts a redis-server on the port, else on a free one. Resolves when it answers.
 * @param {number} [wanted]
 * @returns {Promise<import('./processes.mjs').Running & { readonly url: string }>}
 */
export async function startRedisServer(wanted) {
  const port = wanted ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'ringback-redis-'));
  const options = ['--bind', '127.0.0.1', '--dir', folder, '--save', '', '--maxmemory-policy', 'noeviction'];
  const ready = async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect').finally(() => socket.destroy());
    return true;
  };
  const args = ['--port', String(port), ...options];
  const running = await start({ name: `redis-server on port ${port}`, command: 'redis-server', args, ready });
  const stop = async () => {
    const code = await running.stop('SIGTERM');
    await rm(folder, { recursive: true, force: true });
    return code;
  };
  return { ...running, url: `redis://127.0.0.1:${port}`, stop };
}
