import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { waitUntil } from './wait-until.js';

const run = promisify(execFile);

/** Joins empty servers into a Redis Cluster, with so many replicas of each master, and waits until it answers. */
export async function formCluster(ports: readonly number[], replicas = 0): Promise<void> {
  const servers = ports.map((port) => `127.0.0.1:${port}`);
  const options = ['--cluster-replicas', String(replicas), '--cluster-yes'];
  await run('redis-cli', ['--cluster', 'create', ...servers, ...options]);
  await waitForCluster(ports);
}

/** Resolves once every server knows all the others and says that all slots are served. */
export async function waitForCluster(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    await waitUntil(async () => {
      const { stdout } = await run('redis-cli', ['-p', String(port), 'cluster', 'info']);
      const known = `cluster_known_nodes:${ports.length}`;
      return stdout.includes('cluster_state:ok') && stdout.includes(known);
    }, `the Redis Cluster at port ${port}`);
  }
}
