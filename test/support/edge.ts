import { mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { waitFor } from '@ringback/conformance';
import { freePort, start } from '../../scripts/processes.mjs';
import {
  apacheChanges,
  caddyChanges,
  configurationAt,
  haproxyChanges,
  nginxChanges,
  type EdgePlace,
} from './edge-configuration.js';
import type { Change } from './changes.js';
import { answers, makeCertificate } from './proxy.js';
import type { World } from './world.js';

/** How a configuration of docs/edge is run. */
interface EdgeKind {
  readonly program: string;
  readonly file: string;
  readonly changes: (place: EdgePlace) => Change[];
  readonly args: (file: string, folder: string) => string[];
  /** Makes it read its configuration again. */
  readonly reload?: NodeJS.Signals;
}

const nginx = {
  program: 'nginx',
  file: 'nginx.conf',
  changes: nginxChanges,
  args: (file: string, folder: string) => ['-p', folder, '-c', file, '-e', 'stderr'],
  reload: 'SIGHUP',
} as const;

/** Bare: what nginx does by itself, HTTP/1.0 towards the nodes and buffers included. */
const EDGES = {
  nginx,
  'nginx, bare': {
    ...nginx,
    changes: (place) => [...nginxChanges(place), [/^ *proxy_(?!pass )(?!temp_path ).*\n/gm, '']],
  },
  'ingress-nginx': { ...nginx, file: 'ingress-nginx.conf' },
  haproxy: {
    program: 'haproxy',
    file: 'haproxy.cfg',
    changes: haproxyChanges,
    args: (file) => ['-W', '-f', file],
    reload: 'SIGUSR2',
  },
  Caddy: {
    program: 'caddy',
    file: 'Caddyfile',
    changes: caddyChanges,
    args: (file) => ['run', '--config', file, '--adapter', 'caddyfile'],
  },
  Apache: {
    program: 'apache2',
    file: 'apache.conf',
    changes: apacheChanges,
    args: (file, folder) => ['-d', folder, '-f', file, '-DFOREGROUND'],
    reload: 'SIGUSR1',
  },
} satisfies Record<string, EdgeKind>;

export interface EdgeOptions extends Pick<EdgePlace, 'idleMs' | 'clients'> {}

export type EdgeName = keyof typeof EDGES;

export const EDGE_NAMES = Object.keys(EDGES) as EdgeName[];

/** A proxy that runs a configuration of docs/edge before three nodes. Its certificate is believed by this process until it is closed. */
export class Edge {
  private constructor(
    private readonly place: EdgePlace,
    private readonly kind: EdgeKind,
    private readonly running: Awaited<ReturnType<typeof start>>,
    private readonly trusted: readonly string[],
  ) {}

  get plain(): string {
    return `http://localhost:${this.place.port}`;
  }

  get tls(): string {
    return `https://localhost:${this.place.tlsPort}`;
  }

  static async start(name: EdgeName, world: World, { idleMs, clients }: EdgeOptions = {}): Promise<Edge> {
    const folder = mkdtempSync(join(tmpdir(), 'ringback-edge-'));
    chmodSync(folder, 0o755); // Apache's workers are another user
    const nodes = world.nodes.map(({ url }) => Number(new URL(url).port));
    const place = { folder, port: await freePort(), tlsPort: await freePort(), nodes, idleMs, clients };
    const trusted = getCACertificates('default');
    setDefaultCACertificates([...trusted, readFileSync(makeCertificate(folder), 'utf8')]);
    const kind: EdgeKind = EDGES[name];
    return new Edge(place, kind, await run(kind, place), trusted);
  }

  /** Resolves once workers that have read the configuration again are there, to the older ones, which serve on what they have begun. */
  async reload(): Promise<readonly number[]> {
    const { reload } = this.kind;
    if (reload === undefined) throw new Error(`${this.kind.program} is not reloaded by a signal`);
    const before = workersOf(this.running.pid);
    process.kill(this.running.pid, reload);
    await waitFor(
      () => workersOf(this.running.pid).some((pid) => !before.includes(pid)),
      'new workers',
      10_000,
    );
    return before;
  }

  async close(): Promise<void> {
    await this.running.stop();
    setDefaultCACertificates([...this.trusted]);
    rmSync(this.place.folder, { recursive: true, force: true });
  }
}

function run(kind: EdgeKind, place: EdgePlace): ReturnType<typeof start> {
  const file = join(place.folder, kind.file);
  writeFileSync(file, configurationAt(kind.file, place, kind.changes(place)));
  const home = { HOME: place.folder, XDG_CONFIG_HOME: place.folder, XDG_DATA_HOME: place.folder };
  return start({
    name: `${kind.program} with docs/edge/${kind.file}`,
    command: kind.program,
    args: kind.args(file, place.folder),
    env: { ...process.env, ...home },
    ready: async () =>
      (await answers(place.tlsPort)) && (await fetch(`http://localhost:${place.port}/health/ready`)).ok,
  });
}

function workersOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}
