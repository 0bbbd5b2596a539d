import { StockStream, type StockStreamOptions } from '@ringback/conformance';
import { DEFAULT_LIMITS, parseEventGuid, type Data, type Limits, type Position } from '@ringback/contract';
import { Hub, type AccessPolicy, type HubTriggerOptions } from '@ringback/core';
import { CountingMetrics, MemoryCluster, OpenAccess, SilentLog, SystemClock } from '@ringback/memory';
import { GatewayTestServer, type TestServerOptions } from './gateway-test-server.js';

export interface TwoNodesOptions extends TestServerOptions {
  readonly access?: AccessPolicy;
  readonly limits?: Partial<Limits>;
}

type Events = readonly (readonly [eventguid: string, cookie?: string])[];

/** How soon a client comes back in specs. */
const RETRY_MS = 20;

/** Two nodes of one cluster in memory that serve streams, and stock clients of them. For specs. */
export class TwoNodes {
  readonly cluster = new MemoryCluster();
  readonly hubs: Hub[] = [];
  readonly servers: GatewayTestServer[] = [];
  private readonly streams: StockStream[] = [];

  static async start({ access, limits, ...options }: TwoNodesOptions = {}): Promise<TwoNodes> {
    const nodes = new TwoNodes();
    for (const nodeId of ['node-1', 'node-2']) {
      const hub = nodes.makeHub(nodeId, access ?? new OpenAccess(), { ...DEFAULT_LIMITS, ...limits });
      await hub.start();
      nodes.hubs.push(hub);
      nodes.servers.push(await GatewayTestServer.start(hub, { retryMs: RETRY_MS, ...options }));
    }
    return nodes;
  }

  server(node = 0): GatewayTestServer {
    return this.servers[node] as GatewayTestServer;
  }

  hub(node = 0): Hub {
    return this.hubs[node] as Hub;
  }

  /** An EventSource on the first node. */
  stream(events: Events, more = '', options: StockStreamOptions = {}): StockStream {
    return this.open(this.server().stream(events, more), options);
  }

  open(url: string, options: StockStreamOptions = {}): StockStream {
    const stream = new StockStream(url, options);
    this.streams.push(stream);
    return stream;
  }

  async trigger(
    eventguid: string,
    data: Data,
    more: { readonly removeAfterSend?: boolean; readonly type?: string } & HubTriggerOptions = {},
  ): Promise<Position> {
    const trigger = { eventguid: parseEventGuid(eventguid), data, removeAfterSend: false, ...more };
    return (await this.hub(1).trigger({ name: 'anybody' }, trigger)).position;
  }

  async close(): Promise<void> {
    for (const stream of this.streams) stream.close();
    for (const server of this.servers) await server.close();
    for (const hub of this.hubs) await hub.drain();
  }

  private makeHub(nodeId: string, access: AccessPolicy, limits: Limits): Hub {
    const ports = {
      ...this.cluster.node(),
      access,
      clock: new SystemClock(),
      log: new SilentLog(),
      metrics: new CountingMetrics(),
    };
    const address = 'http://127.0.0.1:0';
    return new Hub(ports, { nodeId, address, version: '0.0.0', limits, leaseMs: 30_000 });
  }
}
