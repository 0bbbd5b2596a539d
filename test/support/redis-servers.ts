import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formCluster, waitForCluster } from './redis-cluster-forming.js';
import { freePort, RedisProcess } from './redis-process.js';

/** Redis for a test. */
export interface RunningRedis {
  /** As `REDIS_URL` takes it. */
  readonly url: string;
  close(): Promise<void>;
}

/** One of the processes that Redis runs as. */
export interface FreezableServer {
  readonly url: string;
  /** Stops it as by a broken network: connections stay open and say nothing. */
  freeze(): void;
  thaw(): void;
}

/** Redis that runs as processes of the test, which may end and start them. */
export interface RestartableRedis extends RunningRedis {
  /** Ends every server as by power failure and starts it again with what it had kept: all, as it writes through. */
  restart(): Promise<void>;
  /** Ends every server as by power failure. */
  kill(): Promise<void>;
  readonly servers: readonly FreezableServer[];
}

const MASTERS = 3;

/** One server: the one that REDIS_URL names, else one in a container, else the redis-server of the PATH. */
export async function startRedis(): Promise<RunningRedis> {
  const url = process.env['REDIS_URL'];
  if (url) return { url, close: async () => {} };
  try {
    // Loaded only here: it does not load on every Node that runs our tests.
    const { startRedisContainer } = await import('./redis-container.js');
    return await startRedisContainer();
  } catch (error) {
    console.info(`No Redis container (${String(error)}): the redis-server of the PATH serves.`);
    return startOwnRedis();
  }
}

/** One redis-server of the PATH that keeps all it has answered, unless arguments say otherwise. */
export async function startOwnRedis(args: readonly string[] = []): Promise<RestartableRedis> {
  const directory = await mkdtemp(join(tmpdir(), `redis-${randomUUID()}-`));
  const server = new RedisProcess(directory, await freePort(), args);
  await server.start();
  return {
    url: server.url,
    servers: [server],
    kill: () => server.kill(),
    restart: async () => {
      await server.kill();
      await server.start();
    },
    close: async () => {
      await server.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A Redis Cluster of three masters, as processes of the PATH's redis-server. */
export async function startRedisCluster(): Promise<RestartableRedis> {
  const directory = await mkdtemp(join(tmpdir(), `redis-${randomUUID()}-`));
  const servers: RedisProcess[] = [];
  for (let index = 0; index < MASTERS; index++) {
    servers.push(
      new RedisProcess(join(directory, String(index)), await freePort(), ['--cluster-enabled', 'yes']),
    );
  }
  const kill = () => Promise.all(servers.map((server) => server.kill())).then(() => {});
  const start = () => Promise.all(servers.map((server) => server.start()));
  const close = async () => {
    await kill();
    await rm(directory, { recursive: true, force: true });
  };
  const ports = servers.map(({ port }) => port);
  const restart = async () => {
    await kill();
    await start();
    await waitForCluster(ports);
  };
  try {
    await start();
    await formCluster(ports);
  } catch (error) {
    await close();
    throw error;
  }
  return { url: servers.map(({ url }) => url).join(','), servers, kill, restart, close };
}
