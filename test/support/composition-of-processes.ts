import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@ringback/conformance';
import { parse } from 'yaml';
import { freePort, start, type Running } from '../../scripts/processes.mjs';
import { root } from '../../scripts/set-up.mjs';
import { instructions, read } from '../deployment/files.js';
import { readChanged } from './changes.js';
import { HUBS, type RunningComposition } from './composition.js';

/** Three nodes start at once, maybe beside other work. */
const READY_WITHIN_MS = 60_000;

type Services = Readonly<Record<string, { readonly environment: NodeJS.ProcessEnv }>>;

/** The last instruction of the name, which is a list of words. */
const wordsOf = (instruction: string): readonly string[] => {
  const [list = '[]'] = /\[.*\]$/.exec(instructions(instruction).at(-1) ?? '') ?? [];
  return JSON.parse(list) as string[];
};
const inRepository = (word: string): string => (word.startsWith('bin/') ? join(root, word) : word);

/** Entry point, health check, settings, Redis and load balancer of the composition as processes of this machine: all but the containers. */
export class CompositionOfProcesses implements RunningComposition {
  private readonly running = new Map<string, Running>();
  private readonly ports = new Map<string, number>();

  private constructor(private readonly folder: string) {}

  static async start(): Promise<CompositionOfProcesses> {
    const composition = new CompositionOfProcesses(await mkdtemp(join(tmpdir(), 'ringback-composition-')));
    try {
      for (const name of [...HUBS, 'redis', 'balancer']) composition.ports.set(name, await freePort());
      await composition.startRedis();
      for (const hub of HUBS) await composition.start(hub);
      for (const hub of HUBS)
        await waitFor(async () => composition.isReady(hub), `${hub} to be ready`, READY_WITHIN_MS);
      await composition.startBalancer();
    } catch (error) {
      await composition.close();
      throw error;
    }
    return composition;
  }

  get url(): string {
    return `http://127.0.0.1:${this.portOf('balancer')}`;
  }

  async isHealthy(hub: string): Promise<boolean> {
    const [command = '', ...args] = wordsOf('HEALTHCHECK').map((word) => inRepository(word));
    const env = { ...process.env, PORT: String(this.portOf(hub)) };
    const [code] = (await once(spawn(command, args, { env, stdio: 'ignore' }), 'exit')) as [number | null];
    return code === 0;
  }

  async kill(hub: string): Promise<void> {
    await this.running.get(hub)?.stop('SIGKILL');
  }

  async start(hub: string): Promise<void> {
    const [command = '', ...args] = [...wordsOf('ENTRYPOINT'), ...wordsOf('CMD')].map((word) =>
      inRepository(word),
    );
    await this.run(hub, { command, args, env: this.environmentOf(hub), ready: async () => true });
  }

  async stop(hub: string): Promise<number | null> {
    return (await this.running.get(hub)?.stop(stopSignal())) ?? null;
  }

  async close(): Promise<void> {
    const redis = this.running.get('redis');
    await Promise.all(
      [...this.running.values()].filter((one) => one !== redis).map((one) => one.stop('SIGKILL')),
    );
    await redis?.stop();
    await rm(this.folder, { recursive: true });
  }

  private async isReady(hub: string): Promise<boolean> {
    return fetch(`http://127.0.0.1:${this.portOf(hub)}/health/ready`).then(
      ({ ok }) => ok,
      () => false, // does not listen yet
    );
  }

  private async startRedis(): Promise<void> {
    const port = this.portOf('redis');
    const text = readChanged('deploy/compose/redis.conf', [[/^dir \/data$/m, `dir ${this.folder}`]]);
    const url = readChanged('deploy/compose/secrets/redis-url', [[/@redis:6379/, `@127.0.0.1:${port}`]]);
    await writeFile(this.redisUrlFile, url);
    const file = join(this.folder, 'redis.conf');
    await writeFile(file, `${text}\nbind 127.0.0.1\nport ${port}\n`);
    await this.run('redis', { command: 'redis-server', args: [file], ready: async () => isListening(port) });
  }

  private async startBalancer(): Promise<void> {
    const text = readChanged('deploy/compose/haproxy.cfg', [
      [/bind :8080/, `bind 127.0.0.1:${this.portOf('balancer')}`],
      [/ resolvers docker init-addr none/, ''],
      ...HUBS.map((hub) => [new RegExp(` ${hub}:8080`), ` 127.0.0.1:${this.portOf(hub)}`] as const),
    ]);
    const file = join(this.folder, 'haproxy.cfg');
    await writeFile(file, text);
    const ready = async (): Promise<boolean> => (await fetch(`${this.url}/health/ready`)).ok;
    await this.run('balancer', { command: 'haproxy', args: ['-db', '-f', file], ready });
  }

  /** Of the image, then of the composition; what names other machines there names this one. */
  private environmentOf(hub: string): NodeJS.ProcessEnv {
    const image = [
      ...instructions('ENV')
        .join(' ')
        .matchAll(/(\w+)=(\S+)/g),
    ];
    const { services } = parse(read('docker-compose.yml'), { merge: true }) as { services: Services };
    return {
      ...process.env,
      ...Object.fromEntries(image.map(([, name = '', value = '']) => [name, value])),
      ...services[hub]?.environment,
      HOST: '127.0.0.1',
      PORT: String(this.portOf(hub)),
      REDIS_URL_FILE: this.redisUrlFile,
      RINGBACK_TRUSTED_PROXIES: 'loopback',
    };
  }

  private async run(name: string, what: Omit<Parameters<typeof start>[0], 'name'>): Promise<void> {
    this.running.set(name, await start({ name, ...what }));
  }

  private get redisUrlFile(): string {
    return join(this.folder, 'redis-url');
  }

  private portOf(name: string): number {
    return this.ports.get(name) ?? 0;
  }
}

function stopSignal(): NodeJS.Signals {
  const [signal = ''] = instructions('STOPSIGNAL');
  return signal as NodeJS.Signals;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect').finally(() => socket.destroy());
  return true;
}
