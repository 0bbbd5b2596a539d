import { startHaproxy } from '../../scripts/haproxy.mjs';
import { startHubNode } from '../../scripts/hub-node.mjs';
import { freePort } from '../../scripts/processes.mjs';
import { TestClient } from './test-client.js';

export interface WorldOptions {
  /** Absent: one node in memory. */
  readonly redisUrl?: string;
  /** Where each node reaches Redis, if not all at `redisUrl`. */
  readonly redisUrlOf?: (index: number) => string;
  readonly nodes: number;
  readonly env?: Record<string, string>;
}

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

  async start(): Promise<void> {
    this.running = await startHubNode({ port: this.port, env: { ...this.env, NODE_ID: this.nodeId } });
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
    /** Where the load balancer answers. */
    readonly url: string,
    readonly nodes: readonly WorldNode[],
    private readonly balancer: { stop(): Promise<unknown> },
  ) {}

  static async start({ redisUrl, redisUrlOf, nodes: count, env = {} }: WorldOptions): Promise<World> {
    const prefix = `rb-test-${process.pid}-${++worlds}-${Date.now().toString(36)}`;
    const ports = await Promise.all(Array.from({ length: count }, () => freePort()));
    const nodes = ports.map((port, index) => {
      const url = redisUrlOf?.(index) ?? redisUrl;
      const redis: Record<string, string> = url ? { REDIS_URL: url, REDIS_PREFIX: prefix } : {};
      const base = { LOG_LEVEL: 'warn', DRAIN_MS: '1000', DRAIN_NOTICE_MS: '0' };
      return new WorldNode(`node${index + 1}`, port, { ...base, ...redis, ...env });
    });
    await Promise.all(nodes.map((node) => node.start()));
    const balancer = await startHaproxy({ port: await freePort(), nodes: ports });
    return new World(balancer.url, nodes, balancer);
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
    await this.balancer.stop();
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}
