import type { Origins } from '@ringback/contract';
import type { Hub } from '@ringback/core';
import { ConnectionRegistry, HttpRouter, NodeForwarder } from '@ringback/gateway-kit';
import { OriginPolicy } from '@ringback/http-kit';
import { SilentLog } from '@ringback/memory';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IdleRecords } from '../idle-records.js';
import { PreparedStreams } from '../prepared-streams.js';
import type { SseConnection } from '../sse.connection.js';
import { SseGateway } from '../sse.gateway.js';
import { SseMount } from '../sse.mount.js';
import { StreamStates } from '../stream-states.js';
import { DEFAULT_OPTIONS, GATEWAY, type SseOptions } from '../sse.options.js';

export interface TestServerOptions extends Partial<SseOptions> {
  readonly origins?: Origins;
}

/** The gateway on a bare HTTP server, around a hub that the spec starts and drains. For specs. */
export class GatewayTestServer {
  private constructor(
    private readonly server: Server,
    readonly clients: ConnectionRegistry<SseConnection>,
    readonly prepared: PreparedStreams,
    readonly url: string,
  ) {}

  static async start(hub: Hub, { origins, ...given }: TestServerOptions = {}): Promise<GatewayTestServer> {
    const options = { ...DEFAULT_OPTIONS, ...given };
    const router = routerOf(hub, origins);
    const clients = new ConnectionRegistry<SseConnection>(hub, GATEWAY);
    const idle = new IdleRecords(options.maxPreparedBytes);
    const prepared = new PreparedStreams(hub.records, hub.limits, idle, options);
    const states = new StreamStates(hub, idle, options);
    const gateway = new SseGateway(hub, clients, prepared, states, options);
    router.mount(new SseMount(hub, router, gateway, options));
    const server = createServer();
    router.attach(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new GatewayTestServer(
      server,
      clients,
      prepared,
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    );
  }

  /** The URL of a stream of these events, each with its cookie. */
  stream(events: readonly (readonly [eventguid: string, cookie?: string])[], more = ''): string {
    const pairs = events.flatMap(([eventguid, cookie]) => [
      `event=${encodeURIComponent(eventguid)}`,
      ...(cookie === undefined ? [] : [`cookie=${encodeURIComponent(cookie)}`]),
    ]);
    return `${this.url}/v1/stream?${pairs.join('&')}${more}`;
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
