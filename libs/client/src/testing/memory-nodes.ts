import { Global, Module } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { DEFAULT_LIMITS, parseEventGuid, type EventGuid } from '@ringback/contract';
import { Hub, type SessionSummary } from '@ringback/core';
import { SocketIoGatewayModule } from '@ringback/gateway-socketio';
import { CountingMetrics, MemoryCluster, OpenAccess, SilentLog, SystemClock } from '@ringback/memory';

interface Node {
  readonly hub: Hub;
  readonly app: NestFastifyApplication;
  readonly url: string;
}

/** Two real nodes that share one memory and serve Socket.IO on free ports. For specs. */
export class MemoryNodes {
  private readonly sessions;

  private constructor(
    cluster: MemoryCluster,
    private readonly nodes: readonly [Node, Node],
  ) {
    this.sessions = cluster.node().sessions;
  }

  static async start(): Promise<MemoryNodes> {
    const cluster = new MemoryCluster();
    return new MemoryNodes(cluster, [await startNode(cluster, 'one'), await startNode(cluster, 'two')]);
  }

  url(node: 0 | 1 = 0): string {
    return this.nodes[node].url;
  }

  /** Triggers at the hub itself. */
  async trigger(eventguid: string, data: string, removeAfterSend = false): Promise<void> {
    const [{ hub }] = this.nodes;
    const identity = await hub.authenticate({});
    await hub.trigger(identity, { eventguid: guid(eventguid), data, removeAfterSend });
  }

  async subscriptions(eventguid: string): Promise<number> {
    const [{ hub }] = this.nodes;
    const identity = await hub.authenticate({});
    const { items } = await hub.operator.subscriptions(identity, guid(eventguid), { limit: 10 });
    return items.length;
  }

  async session(subscriberId: string): Promise<SessionSummary | undefined> {
    const { name } = await this.nodes[0].hub.authenticate({});
    return this.sessions.find(`n:${name}/${subscriberId}`);
  }

  async close(): Promise<void> {
    for (const { app, hub } of this.nodes) {
      await app.close();
      await hub.drain();
    }
  }
}

async function startNode(cluster: MemoryCluster, nodeId: string): Promise<Node> {
  const hub = makeHub(cluster, nodeId);
  await hub.start();
  /** What the composition root provides. */
  @Global()
  @Module({ providers: [{ provide: Hub, useValue: hub }], exports: [Hub] })
  class HubModule {}
  const testing = await Test.createTestingModule({
    imports: [HubModule, SocketIoGatewayModule.forRoot()],
  }).compile();
  const app = testing.createNestApplication<NestFastifyApplication>(
    new FastifyAdapter({ forceCloseConnections: true }),
  );
  await app.listen(0, '127.0.0.1');
  return { hub, app, url: await app.getUrl() };
}

function makeHub(cluster: MemoryCluster, nodeId: string): Hub {
  const ports = {
    ...cluster.node(),
    access: new OpenAccess(),
    clock: new SystemClock(),
    log: new SilentLog(),
    metrics: new CountingMetrics(),
  };
  const options = { nodeId, address: 'http://127.0.0.1:0', version: '0.0.0', leaseMs: 30_000 };
  return new Hub(ports, { ...options, limits: DEFAULT_LIMITS });
}

function guid(eventguid: string): EventGuid {
  return parseEventGuid(eventguid);
}
