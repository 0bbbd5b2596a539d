import { startHaproxy } from '../scripts/haproxy.mjs';
import { freePort } from '../scripts/processes.mjs';
import { startOwnRedis, type RestartableRedis } from '../test/support/redis-servers.js';
import { TcpProxy } from '../test/support/tcp-proxy.js';
import { redisArguments, type Keeping } from './chaos-options.js';
import type { History } from './history.js';
import { HubProcess } from './hub-process.js';

const NODES = 3;
const DOORS = 4;
const LEASE_MS = 3_000;

const ENVIRONMENT = {
  LOG_LEVEL: 'warn',
  RINGBACK_NODE_LEASE_MS: String(LEASE_MS),
  RINGBACK_DRAIN_MS: '1500',
  RINGBACK_SHUTDOWN_DELAY_MS: '2500',
  RINGBACK_SOCKETIO_PING_INTERVAL_MS: '2000',
  RINGBACK_SOCKETIO_PING_TIMEOUT_MS: '2000',
};

/** All that the nemesis may break: Redis, each node's link to it, the nodes, and the doors through which clients reach the load balancer. */
export class Surroundings {
  private constructor(
    readonly redis: RestartableRedis,
    readonly redisLinks: readonly TcpProxy[],
    readonly nodes: readonly HubProcess[],
    readonly doors: readonly TcpProxy[],
    private readonly balancer: { stop(): Promise<unknown> },
  ) {}

  static async start(keeping: Keeping, history: History): Promise<Surroundings> {
    const redis = await startOwnRedis(redisArguments(keeping));
    const redisLinks = await times(NODES, () => TcpProxy.start(redis.url));
    const ports = await times(NODES, () => freePort());
    const nodes = ports.map((port, index) => {
      const redisUrl = at(redisLinks, index).url.replace('http', 'redis');
      const env = { ...ENVIRONMENT, REDIS_URL: redisUrl, RINGBACK_REDIS_PREFIX: 'rb-chaos' };
      return new HubProcess(`node${index + 1}`, port, env, history);
    });
    await startAll(nodes, redis);
    const balancer = await startHaproxy({ port: await freePort(), nodes: ports });
    const doors = await times(DOORS, () => TcpProxy.start(balancer.url));
    return new Surroundings(redis, redisLinks, nodes, doors, balancer);
  }

  node(index: number): HubProcess {
    return at(this.nodes, index);
  }

  redisLink(index: number): TcpProxy {
    return at(this.redisLinks, index);
  }

  door(index: number): TcpProxy {
    return at(this.doors, index);
  }

  async close(): Promise<void> {
    await Promise.all(this.doors.map((door) => door.close()));
    await this.balancer.stop();
    for (const node of this.nodes) node.thaw();
    await Promise.all(this.nodes.map((node) => node.stop('SIGKILL')));
    await Promise.all(this.redisLinks.map((link) => link.close()));
    await this.redis.close();
  }
}

/** Leaves nothing behind where they do not start. */
async function startAll(nodes: readonly HubProcess[], redis: RestartableRedis): Promise<void> {
  try {
    await Promise.all(nodes.map((node) => node.start()));
  } catch (error) {
    await Promise.all(nodes.map((node) => node.stop('SIGKILL')));
    await redis.close();
    throw error;
  }
}

async function times<T>(count: number, make: () => Promise<T>): Promise<readonly T[]> {
  return Promise.all(Array.from({ length: count }, make));
}

function at<T>(things: readonly T[], index: number): T {
  const thing = things[index % things.length];
  if (thing === undefined) throw new Error(`There is no number ${index}.`);
  return thing;
}
