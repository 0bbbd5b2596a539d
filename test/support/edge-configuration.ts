import { join } from 'node:path';
import { readChanged, type Change } from './changes.js';

/** Where an instance of a configuration in docs/edge stands. */
export interface EdgePlace {
  readonly folder: string;
  readonly port: number;
  readonly tlsPort: number;
  /** The ports of three nodes on this machine. */
  readonly nodes: readonly number[];
  /** How long the proxy waits while nothing comes, instead of what the configuration says. */
  readonly idleMs?: number | undefined;
  /** Connections that it has to have room for, those to the nodes included. */
  readonly clients?: number | undefined;
}

const FEW_CLIENTS = 512;

/** Text of a configuration in docs/edge, with the places of this machine instead of those that stand for the user's. */
export function configurationAt(file: string, place: EdgePlace, changes: readonly Change[]): string {
  const { folder, nodes } = place;
  const hubs = nodes.map((node, index): Change => [
    new RegExp(String.raw`\b10\.0\.0\.${index + 1}:8080\b`, 'g'),
    `127.0.0.1:${node}`,
  ]);
  const certificate: Change = [/\/etc\/ssl\/ringback\//g, `${folder}/`];
  return readChanged(join('docs/edge', file), [certificate, ...hubs, ...changes]);
}

/** Both configurations of nginx: in the foreground, with nothing outside of the folder. */
export function nginxChanges({ folder, port, tlsPort, idleMs, clients = FEW_CLIENTS }: EdgePlace): Change[] {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path ${join(folder, name)};\n`,
  );
  const user = process.getuid?.() === 0 ? 'user root;\n' : '';
  return [
    [/^worker_processes auto;$/m, `daemon off;\n${user}worker_processes 1;`],
    [/\/run\/nginx\.pid/, join(folder, 'nginx.pid')],
    [/worker_connections \d+;/, `worker_connections ${clients};`],
    [/^http \{\n/m, `http {\n${temporary.join('')}`],
    [/listen 80;/, `listen 127.0.0.1:${port};`],
    [/listen 443 ssl/, `listen 127.0.0.1:${tlsPort} ssl`],
    ...idle(idleMs, /(_(?:read|send)_timeout) 3600s;/g, '$1 %dms;'),
  ];
}

export function haproxyChanges({ port, tlsPort, idleMs, clients = FEW_CLIENTS }: EdgePlace): Change[] {
  return [
    [/bind :80$/m, `bind 127.0.0.1:${port}`],
    [/bind :443 /, `bind 127.0.0.1:${tlsPort} `],
    [/maxconn \d+/g, `maxconn ${clients}`],
    ...idle(idleMs, /timeout (client|server|tunnel) +\S+/g, 'timeout $1 %dms'),
  ];
}

export function caddyChanges({ folder, port, tlsPort }: EdgePlace): Change[] {
  return [
    [/\/run\/caddy\/admin\.sock/, join(folder, 'admin.sock')],
    [/http:\/\/:80 /, `http://:${port} `],
    [/https:\/\/:443 /, `https://:${tlsPort} `],
  ];
}

export function apacheChanges({ folder, port, tlsPort }: EdgePlace): Change[] {
  return [
    [/\/(?:run|var\/log)\/apache2/g, folder],
    [/^Listen 80$/m, `Listen 127.0.0.1:${port}`],
    [/^Listen 443$/m, `Listen 127.0.0.1:${tlsPort}`],
    [/\*:443>/, `*:${tlsPort}>`],
  ];
}

function idle(idleMs: number | undefined, what: RegExp, by: string): Change[] {
  return idleMs === undefined ? [] : [[what, by.replace('%d', String(idleMs))]];
}
