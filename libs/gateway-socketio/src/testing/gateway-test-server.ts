import { Controller, Get, Global, Module, type DynamicModule } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import type { Origins } from '@ringback/contract';
import { Hub, type Channels } from '@ringback/core';
import { CHANNELS, HttpRouter, NodeForwarder } from '@ringback/gateway-kit';
import { OriginPolicy } from '@ringback/http-kit';
import { SilentLog } from '@ringback/memory';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { DetachedServer } from '../detached-server.js';
import { SocketIoGatewayModule, type SocketIoModuleOptions } from '../socketio.module.js';
import type { HubServer } from '../socketio.types.js';
import { useSocketIo } from '../use-socketio.js';

/** How the server of a test differs from the defaults. */
export interface GatewayTestOptions extends SocketIoModuleOptions {
  /** Origins whose pages may connect, beside its own. */
  readonly origins?: Origins;
  readonly channels?: Channels;
  /** What the application has beside the hub's gateway. */
  readonly imports?: NonNullable<DynamicModule['imports']>;
}

/** What a stock client emits next under a name. */
export function nextEvent(
  emitter: { once(name: string, listener: (...args: unknown[]) => void): unknown },
  name: string,
): Promise<unknown[]> {
  return new Promise((resolve) => {
    emitter.once(name, (...args) => resolve(args));
  });
}

@Controller()
class ElsewhereController {
  @Get('elsewhere')
  elsewhere(): string {
    return 'of somebody else';
  }
}

/** Stands in for `RingbackModule`, around a hub that the test has made. */
@Global()
@Module({})
class HubTestModule {
  static forHub(hub: Hub, { origins, channels }: GatewayTestOptions): DynamicModule {
    const reportError = (error: unknown) => hub.failed(error);
    const { nodeId } = hub;
    const addressOf = () => Promise.resolve(undefined);
    const forwarder = new NodeForwarder({ nodeId, addressOf, log: new SilentLog(), reportError });
    const router = new HttpRouter({
      nodeId,
      origins: new OriginPolicy(origins),
      forwarder,
      isDraining: () => hub.isDraining,
      reportError,
    });
    return {
      module: HubTestModule,
      controllers: [ElsewhereController],
      providers: [
        { provide: Hub, useValue: hub },
        { provide: HttpRouter, useValue: router },
        { provide: CHANNELS, useValue: channels },
      ],
      exports: [Hub, HttpRouter, CHANNELS],
    };
  }
}

@Module({})
class RootModule {}

/** The gateway in a small application, and stock clients of it. For specs. */
export class GatewayTestServer {
  private readonly clients: Socket[] = [];

  private constructor(readonly app: NestFastifyApplication) {}

  static async start(hub: Hub, options: GatewayTestOptions = {}): Promise<GatewayTestServer> {
    const { imports = [], ...module } = options;
    const gateway = SocketIoGatewayModule.forRoot(module);
    const root = { module: RootModule, imports: [HubTestModule.forHub(hub, options), gateway, ...imports] };
    const app = await NestFactory.create<NestFastifyApplication>(
      root,
      new FastifyAdapter({ forceCloseConnections: true }),
      { logger: false, abortOnError: false },
    );
    useSocketIo(app);
    await app.init();
    app.get(HttpRouter).attach(app.getHttpServer());
    await app.listen(0, '127.0.0.1');
    return new GatewayTestServer(app);
  }

  get server(): Server {
    return this.app.getHttpServer();
  }

  /** Through which the hub's own clients are served. */
  get hubServer(): HubServer {
    return this.app.get(DetachedServer, { strict: false }).io;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A stock client that has begun to connect; it reconnects only if asked to. */
  client(options: Partial<ManagerOptions & SocketOptions> = {}, namespace = '/'): Socket {
    const socket = io(this.url + namespace, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      ...options,
    });
    this.clients.push(socket);
    return socket;
  }

  /** A stock client once it is connected. */
  async connected(options: Partial<ManagerOptions & SocketOptions> = {}, namespace = '/'): Promise<Socket> {
    const socket = this.client(options, namespace);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    return socket;
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.disconnect();
    await this.app.close();
  }
}
