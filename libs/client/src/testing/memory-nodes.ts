import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { parseEventGuid, type EventGuid } from '@ringback/contract';
import { Hub, type SessionSummary } from '@ringback/core';
import { SocketIoGatewayModule, useSocketIo } from '@ringback/gateway-socketio';
import { MemoryCluster, SilentLog } from '@ringback/memory';
import { CLUSTER_PORTS, LOG, RingbackNode, RingbackModule } from '@ringback/nest';

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
    for (const { app } of this.nodes) await app.close();
  }
}

async function startNode(cluster: MemoryCluster, nodeId: string): Promise<Node> {
  const ports = { ...cluster.node(), healthy: () => true, close: () => Promise.resolve() };
  const node = RingbackModule.forRoot({
    nodeId,
    drainMs: 0,
    shutdownDelayMs: 0,
    providers: [
      { provide: CLUSTER_PORTS, useValue: ports },
      { provide: LOG, useClass: SilentLog },
    ],
  });
  const testing = await Test.createTestingModule({
    imports: [node, SocketIoGatewayModule.forRoot()],
  }).compile();
  const app = testing.createNestApplication<NestFastifyApplication>(
    new FastifyAdapter({ forceCloseConnections: true }),
  );
  useSocketIo(app);
  await app.listen(0, '127.0.0.1');
  await app.get(RingbackNode).ready();
  return { hub: app.get(Hub), app, url: await app.getUrl() };
}

function guid(eventguid: string): EventGuid {
  return parseEventGuid(eventguid);
}
