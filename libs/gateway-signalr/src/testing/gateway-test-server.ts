import {
  HttpTransportType,
  HubConnectionBuilder,
  JsonHubProtocol,
  LogLevel,
  type HubConnection,
  type IHubProtocol,
} from '@microsoft/signalr';
import type { Hub } from '@ringback/core';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SignalRConfig } from './signalr.config.js';
import { SignalRGateway } from './signalr.gateway.js';

/** How a stock client connects. */
export interface ClientOptions {
  /** Path and query. */
  readonly target: string;
  readonly transport?: HttpTransportType;
  readonly protocol?: IHubProtocol;
  readonly token?: string;
}

/** The gateway on an HTTP server of its own, and stock clients of it. For specs. */
export class ServedGateway {
  private readonly clients: HubConnection[] = [];

  private constructor(
    readonly server: Server,
    private readonly gateway: SignalRGateway,
  ) {}

  static async start(hub: Hub, config: SignalRConfig = {}): Promise<ServedGateway> {
    const server = createServer((_, response) => response.writeHead(404).end('of somebody else'));
    const gateway = new SignalRGateway(hub, config);
    gateway.attach(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ServedGateway(server, gateway);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** A stock client that has not begun to connect. It never reconnects by itself. */
  client({
    target,
    transport = HttpTransportType.WebSockets,
    protocol,
    token,
  }: ClientOptions): HubConnection {
    const client = new HubConnectionBuilder()
      .withUrl(this.url + target, {
        transport,
        ...(token !== undefined && { accessTokenFactory: () => token }),
      })
      .withHubProtocol(protocol ?? new JsonHubProtocol())
      .configureLogging(LogLevel.None)
      .build();
    this.clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.clients) await client.stop();
    await this.gateway.close();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
