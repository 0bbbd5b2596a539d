import { startHaproxy } from '../../scripts/haproxy.mjs';
import { startHubNode } from '../../scripts/hub-node.mjs';
import { startNginx } from '../../scripts/nginx.mjs';
import { freePort } from '../../scripts/processes.mjs';
import { TestClient } from './test-client.js';

export interface WorldOptions {
  /** Absent: one node in memory. */
  readonly redisUrl?: string;
  /** Where each node reaches Redis, if not all at `redisUrl`. */
  readonly redisUrlOf?: (index: number) => string;
  readonly nodes: number;
  readonly env?: Record<string, string>;
  /** Load balancers, each before all nodes; 1 if absent. One process has not enough file descriptors for thousands of clients. */
  readonly balancers?: number;
  /** Which load balancer; haproxy if absent. */
  readonly balancer?: BalancerName;
}

const START_BALANCER = { haproxy: startHaproxy, nginx: startNginx };

export type BalancerName = keyof typeof START_BALANCER;

/** Each load balancer, for tests of what must hold behind all of them. */
export const BALANCERS = Object.keys(START_BALANCER) as BalancerName[];

type Balancer = Awaited<ReturnType<(typeof START_BALANCER)[BalancerName]>>;

let worlds = 0;

/** One hub process, which a test may stop and start again at the same place. */
export class WorldNode {
  private running: Awaited<ReturnType<typeof startHubNode>> | undefined;

  constructor(
    readonly nodeId: string,
    private readonly port: number,
    private readonly env: Record<string, string>,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The process that runs, 0 while none does. */
  get pid(): number {
    return this.running?.pid ?? 0;
  }

  async start(): Promise<void> {
    this.running = await startHubNode({
      port: this.port,
      env: { ...this.env, RINGBACK_NODE_ID: this.nodeId },
    });
  }

  /** Resolves to the exit code, `null` where a signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const { running } = this;
    this.running = undefined;
    return running ? running.stop(signal) : null;
  }
}

/** Hub processes behind a load balancer without stickiness, as users run them. */
export class World {
  private readonly clients: TestClient[] = [];

  private constructor(
    readonly nodes: readonly WorldNode[],
    private readonly balancers: readonly Balancer[],
  ) {}

  /** Where the load balancer answers: the first, if there are several. */
  get url(): string {
    return this.urls[0] ?? '';
  }

  /** Where each load balancer answers. */
  get urls(): readonly string[] {
    return this.balancers.map(({ url }) => url);
  }

  static async start({
    redisUrl,
    redisUrlOf,
    nodes: count,
    env = {},
    balancers = 1,
    balancer = 'haproxy',
  }: WorldOptions): Promise<World> {
    const prefix = `rb-test-${process.pid}-${++worlds}-${Date.now().toString(36)}`;
    const ports = await Promise.all(Array.from({ length: count }, () => freePort()));
    const nodes = ports.map((port, index) => {
      const url = redisUrlOf?.(index) ?? redisUrl;
      const redis: Record<string, string> = url ? { REDIS_URL: url, RINGBACK_REDIS_PREFIX: prefix } : {};
      const base = { LOG_LEVEL: 'warn', RINGBACK_DRAIN_MS: '1000', RINGBACK_SHUTDOWN_DELAY_MS: '0' };
      return new WorldNode(`node${index + 1}`, port, { ...base, ...redis, ...env });
    });
    const before: Balancer[] = [];
    const world = new World(nodes, before);
    try {
      await allStarted(nodes);
      while (before.length < balancers)
        before.push(await START_BALANCER[balancer]({ port: await freePort(), nodes: ports }));
      return world;
    } catch (error) {
      await world.close(); // what has started would outlive a test that could not begin
      throw error;
    }
  }

  node(index: number): WorldNode {
    const node = this.nodes[index % this.nodes.length];
    if (!node) throw new Error('a world without nodes');
    return node;
  }

  /** A connected stock Socket.IO client: through the load balancer, or at one node. */
  async client(url: string = this.url): Promise<TestClient> {
    const client = await TestClient.connect(url);
    this.clients.push(client);
    return client;
  }

  clientsOf(count: number, url?: string): Promise<TestClient[]> {
    return Promise.all(Array.from({ length: count }, () => this.client(url)));
  }

  /** Closes the clients of one test. */
  closeClients(): void {
    for (const client of this.clients.splice(0)) client.close();
  }

  async close(): Promise<void> {
    this.closeClients();
    await Promise.all(this.balancers.map((balancer) => balancer.stop()));
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}

/** Resolves once all nodes are ready; rejects only when none is on its way any more. */
async function allStarted(nodes: readonly WorldNode[]): Promise<void> {
  const results = await Promise.allSettled(nodes.map((node) => node.start()));
  for (const result of results) if (result.status === 'rejected') throw result.reason as Error;
}
