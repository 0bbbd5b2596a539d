// The other usual load balancer without stickiness in front of hub nodes. It has no health checks of its own: a node that is away or
// draining is noticed by what it answers.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from './processes.mjs';

/**
 * Starts nginx, round robin over the nodes' ports. Resolves when it answers.
 * @param {{ port: number, nodes: readonly number[] }} options
 */
export function startNginx({ port, nodes }) {
  const configure = (/** @type {string} */ folder) => configuration(folder, port, nodes);
  return runNginx({ name: 'nginx', port, readyPath: '/health/live', configure });
}

/**
 * Runs nginx by a configuration of its own, in a folder of its own that goes when it is stopped. Resolves when it answers.
 * @param {{ name: string, port: number, readyPath: string, configure: (folder: string) => string }} options
 */
export async function runNginx({ name, port, readyPath, configure }) {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-nginx-'));
  const file = join(folder, 'nginx.conf');
  await writeFile(file, configure(folder));
  const url = `http://127.0.0.1:${port}`;
  const running = await start({
    name: `${name} on port ${port}`,
    command: 'nginx',
    args: ['-p', folder, '-c', file, '-e', 'stderr'],
    ready: async () => (await fetch(url + readyPath)).ok,
  });
  const stop = async () => {
    const code = await running.stop('SIGTERM');
    await rm(folder, { recursive: true, force: true });
    return code;
  };
  return { ...running, url, stop };
}

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** Where nginx puts what it has no memory for, as lines of its configuration. @param {string} folder */
export function temporaryPaths(folder) {
  return TEMPORARY.map((name) => `  ${name}_temp_path ${join(folder, name)};`).join('\n');
}

/**
 * A trigger that may have been carried out is not sent to a second node: POST is repeated only where nobody listened.
 * @param {string} folder
 * @param {number} port
 * @param {readonly number[]} nodes
 */
function configuration(folder, port, nodes) {
  const servers = nodes.map((node) => `    server 127.0.0.1:${node} max_fails=0;`);
  return `daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
error_log stderr error;
events { worker_connections 8192; }
http {
${temporaryPaths(folder)}
  access_log off;
  client_max_body_size 0;
  map $http_upgrade $connection_header { '' ''; default upgrade; }
  upstream nodes {
${servers.join('\n')}
    keepalive 32;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://nodes;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_header;
      proxy_buffering off;
      proxy_connect_timeout 5s;
      proxy_read_timeout 3600s;
      proxy_send_timeout 3600s;
      proxy_next_upstream error timeout http_503;
    }
  }
}
`;
}
