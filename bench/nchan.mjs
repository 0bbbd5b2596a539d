// The peer of event streams: nginx with nchan, a server in C for just this. One worker, as a node of the hub has one thread.
import { join } from 'node:path';
import { runNginx, temporaryPaths } from '../scripts/nginx.mjs';
import { freePort } from '../scripts/processes.mjs';

/** Starts it, with one channel, that keeps as much as an event of the hub does. Resolves when it answers. */
export async function startNchan() {
  const port = await freePort();
  const configure = (/** @type {string} */ folder) => configuration(folder, port);
  return runNginx({ name: 'nginx with nchan', port, readyPath: '/health/ready', configure });
}

/**
 * @param {string} folder
 * @param {number} port
 */
function configuration(folder, port) {
  return `load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
error_log stderr error;
events { worker_connections 16384; }
http {
${temporaryPaths(folder)}
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
