import { Redis } from 'ioredis';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, RedisProcess } from './redis-process.js';
import { waitUntil } from './wait-until.js';

const NAME = 'main';
const SERVERS = 3;
const SENTINELS = 3;

/** One redis-sentinel that watches a master, and forgets all when it is started again. */
class SentinelProcess {
  private child: ChildProcess | undefined;

  constructor(
    private readonly directory: string,
    readonly port: number,
  ) {}

  async start(masterPort: number): Promise<void> {
    const file = join(this.directory, `sentinel-${this.port}.conf`);
    await writeFile(file, this.configuration(masterPort));
    const child = spawn('redis-sentinel', [file], { stdio: 'ignore' });
    this.child = child;
    await once(child, 'spawn');
    await waitUntil(async () => (await this.ask('PING')) === 'PONG', `redis-sentinel on port ${this.port}`);
  }

  async kill(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** What it answers; `undefined` if it does not. */
  async ask(...words: readonly [string, ...string[]]): Promise<unknown> {
    const redis = new Redis(this.port, '127.0.0.1', { retryStrategy: () => null, enableReadyCheck: false });
    redis.on('error', () => {}); // it is not there yet, or not any more
    try {
      return await redis.call(...words);
    } catch {
      return undefined;
    } finally {
      redis.disconnect();
    }
  }

  private configuration(masterPort: number): string {
    return [
      `port ${this.port}`,
      'bind 127.0.0.1',
      `dir ${this.directory}`,
      `sentinel monitor ${NAME} 127.0.0.1 ${masterPort} 2`,
      `sentinel down-after-milliseconds ${NAME} 2000`,
      `sentinel failover-timeout ${NAME} 6000`,
    ].join('\n');
  }
}

/** One master and two replicas that three sentinels watch, as processes of the PATH's redis-server and redis-sentinel. */
export class SentinelledRedis {
  private constructor(
    private readonly directory: string,
    private readonly servers: readonly RedisProcess[],
    private readonly sentinels: readonly SentinelProcess[],
  ) {}

  static async start(): Promise<SentinelledRedis> {
    const directory = await mkdtemp(join(tmpdir(), `redis-${randomUUID()}-`));
    const ports = await Promise.all(Array.from({ length: SERVERS + SENTINELS }, freePort));
    const [master = 0] = ports;
    const servers = ports.slice(0, SERVERS).map((port) => {
      const role = port === master ? [] : ['--replicaof', `127.0.0.1 ${master}`];
      return new RedisProcess(join(directory, String(port)), port, [
        '--repl-diskless-sync-delay',
        '0',
        ...role,
      ]);
    });
    const sentinels = ports.slice(SERVERS).map((port) => new SentinelProcess(directory, port));
    const redis = new SentinelledRedis(directory, servers, sentinels);
    try {
      await Promise.all(servers.map((server) => server.start()));
      await Promise.all(sentinels.map((sentinel) => sentinel.start(master)));
      await redis.whole();
    } catch (error) {
      await redis.close();
      throw error;
    }
    return redis;
  }

  /** As `REDIS_URL` takes it. */
  get url(): string {
    return `redis+sentinel://${this.sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${NAME}`;
  }

  /** The master, as the most of the sentinels see it. */
  async master(): Promise<RedisProcess> {
    const ports = await Promise.all(this.sentinels.map((sentinel) => masterPortOf(sentinel)));
    const agreed = ports.find((port) => ports.filter((other) => other === port).length > SENTINELS / 2);
    const server = this.servers.find(({ port }) => port === agreed);
    if (!server) throw new Error(`the sentinels do not agree: ${ports.join(', ')}`);
    return server;
  }

  /** Waits until another one than this is the master. */
  async succeeds(former: RedisProcess): Promise<void> {
    const changed = async (): Promise<boolean> => {
      try {
        return (await this.master()) !== former;
      } catch {
        return false; // some sentinels know and some do not
      }
    };
    await waitUntil(changed, `another master than ${former.url}`);
  }

  /** Ends one sentinel, and starts it again. */
  async restartSentinel(): Promise<void> {
    const [sentinel] = this.sentinels;
    const { port } = await this.master();
    await sentinel?.kill();
    await sentinel?.start(port);
  }

  async killSentinels(): Promise<void> {
    await Promise.all(this.sentinels.map((sentinel) => sentinel.kill()));
  }

  /** Waits until every sentinel knows the others and two replicas that have a link to the master. */
  async whole(): Promise<void> {
    await waitUntil(async () => {
      const views = await Promise.all(
        this.sentinels.map((sentinel) => sentinel.ask('SENTINEL', 'MASTER', NAME)),
      );
      return views.every((view) => isWhole(fieldsOf(view)));
    }, 'sentinels that know each other');
    for (const server of this.servers) await waitUntil(() => isLinked(server), `${server.url} linked`);
  }

  async close(): Promise<void> {
    await this.killSentinels();
    await Promise.all(this.servers.map((server) => server.kill()));
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function masterPortOf(sentinel: SentinelProcess): Promise<number> {
  const answer = await sentinel.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME);
  return Array.isArray(answer) ? Number(answer[1]) : 0;
}

/** A map, in whatever form the client library gives it, by its keys. */
function fieldsOf(view: unknown): ReadonlyMap<string, string> {
  const flat = Array.isArray(view)
    ? view.map(String)
    : Object.entries(view ?? {})
        .flat()
        .map(String);
  return new Map(flat.flatMap((key, index) => (index % 2 === 0 ? [[key, flat[index + 1] ?? '']] : [])));
}

function isWhole(fields: ReadonlyMap<string, string>): boolean {
  return fields.get('num-slaves') === '2' && fields.get('num-other-sentinels') === '2';
}

async function isLinked(server: RedisProcess): Promise<boolean> {
  const redis = new Redis(server.url);
  redis.on('error', () => {}); // it is being started
  try {
    const info = await redis.info('replication');
    return info.includes('role:master') || info.includes('master_link_status:up');
  } finally {
    redis.disconnect();
  }
}
