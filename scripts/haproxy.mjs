// A load balancer without stickiness in front of hub nodes, as an ingress would be.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from './processes.mjs';

/**
 * Starts haproxy, round robin over the nodes' ports. Resolves when it answers.
 * @param {{ port: number, nodes: readonly number[] }} options
 */
export async function startHaproxy({ port, nodes }) {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-haproxy-'));
  const file = join(folder, 'haproxy.cfg');
  await writeFile(file, configuration(port, nodes));
  const url = `http://127.0.0.1:${port}`;
  const running = await start({
    name: `haproxy on port ${port}`,
    command: 'haproxy',
    args: ['-f', file, '-db'],
    ready: async () => (await fetch(`${url}/health/live`)).ok,
  });
  const stop = async () => {
    const code = await running.stop('SIGTERM');
    await rm(folder, { recursive: true, force: true });
    return code;
  };
  return { ...running, url, stop };
}

/**
 * Server and client may be silent for longer than the longest poll, 50 s.
 * @param {number} port
 * @param {readonly number[]} nodes
 */
function configuration(port, nodes) {
  const servers = nodes.map(
    (node, index) => `  server node${index + 1} 127.0.0.1:${node} check inter 1s fall 2 rise 1`,
  );
  return `defaults
  mode http
  option http-no-delay
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
  option redispatch
  retries 3

frontend hub
  bind 127.0.0.1:${port}
  default_backend nodes

backend nodes
  balance roundrobin
  option httpchk GET /health/ready
${servers.join('\n')}
`;
}
