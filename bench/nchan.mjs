// The peer of event streams: nginx with nchan, a server in C for just this. One worker, as a node of the hub has one thread.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, start } from '../scripts/processes.mjs';

/** Starts it, with one channel, that keeps as much as an event of the hub does. Resolves when it answers. */
export async function startNchan() {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'ringback-nchan-'));
  const file = join(folder, 'nginx.conf');
  await writeFile(file, configuration(folder, port));
  const url = `http://127.0.0.1:${port}`;
  const running = await start({
    name: `nginx with nchan on port ${port}`,
    command: 'nginx',
    args: ['-p', folder, '-c', file, '-e', 'stderr'],
    ready: async () => (await fetch(`${url}/health/ready`)).ok,
  });
  const stop = async () => {
    const code = await running.stop('SIGTERM');
    await rm(folder, { recursive: true, force: true });
    return code;
  };
  return { ...running, url, stop };
}

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/**
 * @param {string} folder
 * @param {number} port
 */
function configuration(folder, port) {
  const folders = TEMPORARY.map((name) => `  ${name}_temp_path ${join(folder, name)};`);
  return `load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
error_log stderr error;
events { worker_connections 16384; }
http {
${folders.join('\n')}
  access_log off;
  tcp_nodelay on;
  nchan_message_buffer_length 1000;
  nchan_message_timeout 10m;
  server {
    listen 127.0.0.1:${port};
    location = /health/ready { return 200; }
    location = /publish {
      nchan_publisher websocket;
      nchan_channel_id bench;
    }
    location = /subscribe {
      nchan_subscriber eventsource;
      nchan_channel_id bench;
      nchan_subscriber_first_message newest;
    }
  }
}
`;
}
