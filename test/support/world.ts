import { startHaproxy } from '../../scripts/haproxy.mjs';
import { startHubNode } from '../../scripts/hub-node.mjs';
import { freePort } from '../../scripts/processes.mjs';
import { TestClient } from './test-client.js';

export interface WorldNode {
  readonly nodeId: string;
  readonly url: string;
}

export interface WorldOptions {
  /** Absent: one node in memory. */
  readonly redisUrl?: string;
  readonly nodes: number;
  readonly env?: Record<string, string>;
}

let worlds = 0;

/** Hub processes behind a load balancer without stickiness, as users run them. */
export class World {
  private readonly clients: TestClient[] = [];

  private constructor(
    /** Where the load balancer answers. */
    readonly url: string,
    readonly nodes: readonly WorldNode[],
    readonly prefix: string,
    private readonly parts: readonly { stop(): Promise<unknown> }[],
  ) {}

  static async start({ redisUrl, nodes: count, env = {} }: WorldOptions): Promise<World> {
    const prefix = `rb-test-${process.pid}-${++worlds}-${Date.now().toString(36)}`;
    const starting = Array.from({ length: count }, async (_, index) => {
      const nodeId = `node${index + 1}`;
      const port = await freePort();
      const redis: Record<string, string> = redisUrl ? { REDIS_URL: redisUrl, REDIS_PREFIX: prefix } : {};
      const node = await startHubNode({
        port,
        env: { LOG_LEVEL: 'warn', DRAIN_MS: '1000', ...redis, ...env, NODE_ID: nodeId },
      });
      return { nodeId, port, node };
    });
    const started = await Promise.all(starting);
    const balancer = await startHaproxy({ port: await freePort(), nodes: started.map(({ port }) => port) });
    const nodes = started.map(({ nodeId, node }) => ({ nodeId, url: node.url }));
    return new World(balancer.url, nodes, prefix, [balancer, ...started.map(({ node }) => node)]);
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
    for (const part of this.parts) await part.stop();
  }
}
