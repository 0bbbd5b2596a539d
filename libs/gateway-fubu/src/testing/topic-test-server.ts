import type { Origins } from '@ringback/contract';
import type { Hub } from '@ringback/core';
import { ConnectionRegistry, HttpRouter, NodeForwarder } from '@ringback/gateway-kit';
import { OriginPolicy } from '@ringback/http-kit';
import { SilentLog } from '@ringback/memory';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventPublisher } from '../event-publisher.js';
import type { FubuConnection } from '../fubu.connection.js';
import { FubuGateway } from '../fubu.gateway.js';
import { FubuMount } from '../fubu.mount.js';
import { DEFAULT_OPTIONS, GATEWAY, type FubuOptions } from '../fubu.options.js';
import { PublishHandler } from '../publish.handler.js';
import { TopicRegistry, type RegisteredTopic } from '../topic-registry.js';

export interface TopicTestServerOptions extends Partial<FubuOptions> {
  readonly topics?: readonly RegisteredTopic[];
  readonly origins?: Origins | undefined;
}

/** The gateway on a bare HTTP server, around a hub that the spec starts and drains. For specs. */
export class TopicTestServer {
  private constructor(
    private readonly server: Server,
    readonly clients: ConnectionRegistry<FubuConnection>,
    readonly publisher: EventPublisher,
    private readonly base: string,
  ) {}

  static async start(
    hub: Hub,
    { topics = [], origins, ...given }: TopicTestServerOptions = {},
  ): Promise<TopicTestServer> {
    const options = { ...DEFAULT_OPTIONS, ...given };
    const router = routerOf(hub, origins);
    const clients = new ConnectionRegistry<FubuConnection>(hub, GATEWAY);
    const reportError = (error: unknown) => hub.failed(error);
    const registry = new TopicRegistry(topics, { writer: options.writer, reportError });
    const gateway = new FubuGateway(hub, clients, options);
    router.mount(new FubuMount(hub, router, registry, gateway, new PublishHandler(hub), options));
    const server = createServer();
    router.attach(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const publisher = new EventPublisher(hub, registry);
    return new TopicTestServer(server, clients, publisher, `http://127.0.0.1:${port}${options.path}/`);
  }

  /** The URL of a topic: `simple?SomeId=1`. */
  at(topic: string): string {
    return this.base + topic;
  }

  /** Ends all connections without a word, and goes on serving. */
  cut(): void {
    this.server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

function routerOf(hub: Hub, origins: Origins | undefined): HttpRouter {
  const { nodeId } = hub;
  const reportError = (error: unknown) => hub.failed(error);
  const addressOf = () => Promise.resolve(undefined);
  const forwarder = new NodeForwarder({ nodeId, addressOf, log: new SilentLog(), reportError });
  return new HttpRouter({
    nodeId,
    origins: new OriginPolicy(origins),
    forwarder,
    isDraining: () => hub.isDraining,
    reportError,
  });
}
