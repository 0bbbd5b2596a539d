import { StockStream, type StockStreamOptions } from '@ringback/conformance';
import {
  DEFAULT_LIMITS,
  parseEventGuid,
  type Data,
  type Labels,
  type Limits,
  type Origins,
} from '@ringback/contract';
import { Hub, type AccessPolicy, type HistoryOptions } from '@ringback/core';
import { CountingMetrics, MemoryCluster, OpenAccess, RecordingLog, SystemClock } from '@ringback/memory';
import type { FubuOptions } from '../fubu.options.js';
import type { RegisteredTopic } from '../topic-registry.js';
import { TopicTestServer } from './topic-test-server.js';

export interface TopicNodesOptions extends Partial<FubuOptions> {
  readonly topics?: readonly RegisteredTopic[];
  readonly access?: AccessPolicy;
  readonly limits?: Partial<Limits>;
  readonly history?: HistoryOptions;
  readonly origins?: Origins;
  /** How many; default 2. */
  readonly nodes?: number;
}

/** How soon a client comes back in specs. */
const RETRY_MS = 20;

/** Two nodes of one cluster in memory that serve topics, and stock clients of them. For specs. */
export class TopicNodes {
  readonly hubs: Hub[] = [];
  readonly servers: TopicTestServer[] = [];
  readonly log = new RecordingLog();
  private readonly streams: StockStream[] = [];

  private constructor(readonly cluster: MemoryCluster) {}

  static async start({
    topics = [],
    access,
    limits,
    history,
    origins,
    nodes: count = 2,
    ...options
  }: TopicNodesOptions = {}): Promise<TopicNodes> {
    const nodes = new TopicNodes(new MemoryCluster({ history: history ?? {} }));
    for (const nodeId of ['node-1', 'node-2'].slice(0, count)) {
      const hub = nodes.makeHub(nodeId, access ?? new OpenAccess(), { ...DEFAULT_LIMITS, ...limits });
      await hub.start();
      nodes.hubs.push(hub);
      nodes.servers.push(
        await TopicTestServer.start(hub, { topics, origins, retryMs: RETRY_MS, ...options }),
      );
    }
    return nodes;
  }

  server(node = 0): TopicTestServer {
    return this.servers[node] as TopicTestServer;
  }

  hub(node = 0): Hub {
    return this.hubs[node] as Hub;
  }

  /** An EventSource at a topic of the first node: `simple?SomeId=1`. */
  stream(topic: string, options: StockStreamOptions = {}): StockStream {
    return this.open(this.server().at(topic), options);
  }

  open(url: string, options: StockStreamOptions = {}): StockStream {
    const stream = new StockStream(url, options);
    this.streams.push(stream);
    return stream;
  }

  /** Triggers an event of the hub at the second node, as any protocol does. */
  async trigger(
    eventguid: string,
    data: Data,
    more: Labels & { readonly removeAfterSend?: boolean } = {},
  ): Promise<string> {
    const trigger = { removeAfterSend: false, ...more, eventguid: parseEventGuid(eventguid), data };
    const { position } = await this.hub(1).trigger({ name: 'anybody' }, trigger);
    return `${position.epoch}.${position.offset}`;
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
      log: this.log,
      metrics: new CountingMetrics(),
    };
    const address = 'http://127.0.0.1:0';
    return new Hub(ports, { nodeId, address, version: '0.0.0', limits, leaseMs: 30_000 });
  }
}
