// One hub process, from the built files.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { start } from './processes.mjs';
import { root } from './set-up.mjs';

const main = join(root, 'dist/apps/hub/apps/hub/src/main.js');
const ANSWER_WITHIN_MS = 2_000;

/**
 * Starts a node and resolves when it is ready to serve: itself, not somebody who has its port already.
 * @param {{ port: number, env?: Record<string, string> }} options
 * @returns {Promise<import('./processes.mjs').Running & { readonly url: string }>}
 */
export async function startHubNode({ port, env = {} }) {
  const url = `http://127.0.0.1:${port}`;
  const nodeId = env['RINGBACK_NODE_ID'] || randomUUID();
  const running = await start({
    name: `hub on port ${port}`,
    command: 'node',
    args: ['--enable-source-maps', main],
    env: {
      ...process.env,
      REDIS_URL: '',
      ...env,
      RINGBACK_NODE_ID: nodeId,
      HOST: '127.0.0.1',
      PORT: String(port),
    },
    ready: () => isReady(url, nodeId),
  });
  return { ...running, url };
}

/**
 * @param {string} url
 * @param {string} nodeId
 */
async function isReady(url, nodeId) {
  const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  return answer.ok && answer.headers.get('x-ringback-node') === nodeId;
}
