import {
  HttpTransportType,
  HubConnectionBuilder,
  LogLevel,
  type HubConnection,
  type IHubProtocol,
  type IHttpConnectionOptions,
} from '@microsoft/signalr';
import { Module, type ModuleMetadata } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';

/** An application that listens, and its stock clients. */
export class NestApplication {
  private readonly clients: HubConnection[] = [];

  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
  ) {}

  static async start(metadata: ModuleMetadata): Promise<NestApplication> {
    @Module(metadata)
    class UnderTest {}
    const testing = await Test.createTestingModule({ imports: [UnderTest] }).compile();
    const app = testing.createNestApplication<NestFastifyApplication>(
      new FastifyAdapter({ forceCloseConnections: true }),
      { logger: false },
    );
    await app.listen(0, '127.0.0.1');
    return new NestApplication(app, await app.getUrl());
  }

  /** A stock client that has not been started yet. */
  client(
    path: string,
    { transport = HttpTransportType.WebSockets, ...options }: IHttpConnectionOptions = {},
    protocol?: IHubProtocol,
  ): HubConnection {
    const builder = new HubConnectionBuilder()
      .withUrl(`${this.url}${path}`, { transport, accessTokenFactory: () => 'ann', ...options })
      .configureLogging(LogLevel.None);
    if (protocol) builder.withHubProtocol(protocol);
    const client = builder.build();
    this.clients.push(client);
    return client;
  }

  async connect(...args: Parameters<NestApplication['client']>): Promise<HubConnection> {
    const client = this.client(...args);
    await client.start();
    return client;
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.stop()));
    await this.app.close();
  }
}
