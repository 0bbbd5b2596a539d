import { DEFAULT_LIMITS, parseEventGuid, type Data, type Limits } from '@ringback/contract';
import { Hub, type Identity, type StoredSubscription } from '@ringback/core';
import { CountingMetrics, MemoryCluster, OpenAccess, SilentLog, SystemClock } from '@ringback/memory';
import { randomUUID } from 'node:crypto';
import type { GatewayClient, GatewayHarness, GatewayServer } from './gateway-harness.js';
import { waitFor } from './wait-for.js';

const IDENTITY: Identity = { name: 'conformance' };

/** One node that serves the protocol under test. */
interface GatewayNode {
  readonly hub: Hub;
  readonly server: GatewayServer;
}

/** Two nodes that serve one protocol over one cluster in memory. */
export class GatewayCluster {
  static readonly limits: Limits = { ...DEFAULT_LIMITS, subscriptionsPerConnection: 30 };

  private readonly clients: GatewayClient[] = [];
  private readonly store;

  private constructor(
    cluster: MemoryCluster,
    private readonly nodes: readonly [GatewayNode, GatewayNode],
  ) {
    this.store = cluster.node().subscriptions;
  }

  static async start(harness: GatewayHarness): Promise<GatewayCluster> {
    const cluster = new MemoryCluster();
    const first = await startNode(cluster, harness);
    return new GatewayCluster(cluster, [first, await startNode(cluster, harness)]);
  }

  /** A client that is connected to the first or the second node. */
  async connect(node: 0 | 1 = 0): Promise<GatewayClient> {
    const client = await this.nodes[node].server.connect();
    this.clients.push(client);
    return client;
  }

  hub(node: 0 | 1): Hub {
    return this.nodes[node].hub;
  }

  /** Triggers at the hub itself, past the protocol. */
  async trigger(eventguid: string, data: Data): Promise<void> {
    await this.hub(1).trigger(IDENTITY, {
      eventguid: parseEventGuid(eventguid),
      data,
      removeAfterSend: false,
    });
  }

  /** Every stored subscription of the event. */
  async stored(eventguid: string): Promise<readonly StoredSubscription[]> {
    const { items } = await this.store.subscriptions(parseEventGuid(eventguid), { limit: 1_000 });
    return items;
  }

  async untilStored(eventguid: string, count: number): Promise<void> {
    const condition = async () => (await this.stored(eventguid)).length === count;
    await waitFor(condition, `${count} stored subscriptions of ${JSON.stringify(eventguid)}`);
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.destroy();
    for (const { hub, server } of this.nodes) {
      await server.close();
      await hub.drain();
    }
  }
}

async function startNode(cluster: MemoryCluster, harness: GatewayHarness): Promise<GatewayNode> {
  const nodeId = `node-${randomUUID().slice(0, 8)}`;
  const hub = new Hub(
    {
      ...cluster.node(),
      access: new OpenAccess(),
      clock: new SystemClock(),
      log: new SilentLog(),
      metrics: new CountingMetrics(),
    },
    {
      nodeId,
      address: 'http://127.0.0.1:0',
      version: '0.0.0',
      limits: GatewayCluster.limits,
      leaseMs: 30_000,
    },
  );
  await hub.start();
  return { hub, server: await harness.serve(hub) };
}
