import {
  HttpTransportType,
  HubConnectionBuilder,
  JsonHubProtocol,
  LogLevel,
  type HubConnection,
  type IHubProtocol,
} from '@microsoft/signalr';
import { Controller, Get, Module } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { Origins } from '@ringback/contract';
import type { Hub } from '@ringback/core';
import { SignalRGatewayModule } from '../signalr.module.js';
import type { SignalRModuleOptions } from '../signalr.options.js';
import { HubNodeModule } from './hub-node.module.js';

/** How a stock client connects. */
export interface ClientOptions {
  /** Path and query. */
  readonly target: string;
  readonly transport?: HttpTransportType;
  readonly protocol?: IHubProtocol;
  readonly token?: string;
}

export interface TestServerOptions extends SignalRModuleOptions {
  readonly origins?: Origins;
}

/** What else the application serves. */
@Controller()
class ElsewhereController {
  @Get('elsewhere')
  elsewhere(): string {
    return 'of somebody else';
  }
}

@Module({ controllers: [ElsewhereController] })
class ElsewhereModule {}

/** The gateway in a small Nest application around a hub, and stock clients of it. For specs. */
export class GatewayTestServer {
  private readonly clients: HubConnection[] = [];

  private constructor(
    private readonly app: NestFastifyApplication,
    readonly url: string,
  ) {}

  static async start(hub: Hub, { origins, ...options }: TestServerOptions = {}): Promise<GatewayTestServer> {
    const gateway = SignalRGatewayModule.forRoot(options);
    const imports = [HubNodeModule.around(hub, origins), gateway, ElsewhereModule];
    const testing = await Test.createTestingModule({ imports }).compile();
    const adapter = new FastifyAdapter({ forceCloseConnections: true });
    const app = testing.createNestApplication<NestFastifyApplication>(adapter, { logger: false });
    await app.listen(0, '127.0.0.1');
    return new GatewayTestServer(app, await app.getUrl());
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
    await this.app.close();
  }
}

/** What the hub calls at a client by that name, from now on. */
export function callsOf(client: HubConnection, method: string): unknown[][] {
  const calls: unknown[][] = [];
  client.on(method, (...args: unknown[]) => calls.push(args));
  return calls;
}
