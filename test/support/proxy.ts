import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start, freePort } from '../../scripts/processes.mjs';

export type ProxyName = 'haproxy' | 'nginx';

/** Where a proxy that ends TLS has put a node; see `PROXIES`. */
export interface Proxy {
  readonly url: string;
  /** The certificate that it shows. */
  readonly certificate: string;
  readonly close: () => Promise<void>;
}

interface Place {
  readonly folder: string;
  readonly port: number;
  readonly node: number;
}

/** Below `/apps/ring/` the path is taken away, below `/short/` too, where the proxy waits for 3 s only. */
const PROXIES = { haproxy: haproxyConfiguration, nginx: nginxConfiguration };

export const PROXY_NAMES = Object.keys(PROXIES) as ProxyName[];

const COMMANDS: Readonly<Record<ProxyName, (file: string, folder: string) => string[]>> = {
  haproxy: (file) => ['-f', file, '-db'],
  nginx: (file, folder) => ['-p', folder, '-c', file, '-e', 'stderr'],
};

/** Starts a proxy before one node. It ends TLS, names another `Host` to the node, and says in `X-Forwarded-…` what the client has asked for. */
export async function startProxy(name: ProxyName, node: number): Promise<Proxy> {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-proxy-'));
  const port = await freePort();
  const certificate = makeCertificate(folder);
  const file = join(folder, 'proxy.conf');
  writeFileSync(file, PROXIES[name]({ folder, port, node }));
  const running = await start({
    name: `${name} on port ${port}`,
    command: name,
    args: COMMANDS[name](file, folder),
    ready: () => answers(port),
  });
  const close = async (): Promise<void> => {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: `https://localhost:${port}`, certificate, close };
}

/** Plain HTTP to a TLS port: whatever the answer, somebody listens. */
export function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}`).then(
    () => true,
    (error: unknown) => (error as { cause?: { code?: string } }).cause?.code !== 'ECONNREFUSED',
  );
}

/** Writes `cert.pem`, `key.pem` and both together in `both.pem`, for haproxy; answers where the first is. */
export function makeCertificate(folder: string): string {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', [...kind, '-days', '2', '-keyout', key, '-out', cert, ...subject], {
    stdio: 'ignore',
  });
  const certificate = readFileSync(cert, 'utf8');
  writeFileSync(join(folder, 'both.pem'), certificate + readFileSync(key, 'utf8'));
  return cert;
}

function haproxyConfiguration({ folder, port, node }: Place): string {
  return `defaults
  mode http
  option http-no-delay
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h

frontend hub
  bind 127.0.0.1:${port} ssl crt ${join(folder, 'both.pem')}
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Proto https
  http-request set-header X-Forwarded-For %[src]
  http-request del-header X-Forwarded-Prefix
  http-request set-header X-Forwarded-Prefix /apps/ring if { path_beg /apps/ring/ }
  http-request set-header Host hub.internal
  use_backend impatient if { path_beg /short/ }
  default_backend patient

backend patient
  http-request replace-path /apps/ring(/.*) \\1
  server node 127.0.0.1:${node}

backend impatient
  timeout server 3s
  http-request replace-path /short(/.*) \\1
  server node 127.0.0.1:${node}
`;
}

function nginxConfiguration({ folder, port, node }: Place): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const below = (path: string, more: string): string => `
    location ${path}/ {
      proxy_pass http://127.0.0.1:${node}/;
      ${more}
    }`;
  return `daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
error_log stderr error;
events { worker_connections 512; }
http {
${temporary.map((name) => `  ${name}_temp_path ${join(folder, name)};`).join('\n')}
  access_log off;
  map $http_upgrade $connection_header { '' ''; default upgrade; }
  map $request_uri $forwarded_prefix { '~^/apps/ring/' '/apps/ring'; default ''; }
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${join(folder, 'cert.pem')};
    ssl_certificate_key ${join(folder, 'key.pem')};
    proxy_http_version 1.1;
    proxy_set_header Host hub.internal;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Prefix $forwarded_prefix;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_header;
    proxy_buffering off;
    proxy_read_timeout 60s;
    location / { proxy_pass http://127.0.0.1:${node}; }${below('/apps/ring', '')}${below('/short', 'proxy_read_timeout 3s;')}
  }
}
`;
}
