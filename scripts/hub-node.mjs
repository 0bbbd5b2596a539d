// One hub process, from the built files.
import { join } from 'node:path';
import { start } from './processes.mjs';
import { root } from './set-up.mjs';

const main = join(root, 'dist/apps/hub/apps/hub/src/main.js');

/**
 * Starts a node and resolves when it is ready to serve.
 * @param {{ port: number, env?: Record<string, string> }} options
 * @returns {Promise<import('./processes.mjs').Running & { readonly url: string }>}
 */
export async function startHubNode({ port, env = {} }) {
  const url = `http://127.0.0.1:${port}`;
  const running = await start({
    name: `hub on port ${port}`,
    command: 'node',
    args: ['--enable-source-maps', main],
    env: { ...process.env, REDIS_URL: '', ...env, HOST: '127.0.0.1', PORT: String(port) },
    ready: async () => (await fetch(`${url}/health/ready`)).ok,
  });
  return { ...running, url };
}
