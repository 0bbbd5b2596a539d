import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Hub } from '@ringback/core';
import type { Server } from 'node:http';
import type { SocketIoConfig } from './socketio.config.js';
import { SocketIoGateway } from './socketio.gateway.js';

/** Puts the Socket.IO gateway on the HTTP server of the application. Wants `Hub` from a global module. */
@Module({})
export class SocketIoGatewayModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly gateway: SocketIoGateway,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  static forRoot(config: SocketIoConfig = {}): DynamicModule {
    const useFactory = (hub: Hub) => new SocketIoGateway(hub, config);
    return {
      module: SocketIoGatewayModule,
      providers: [{ provide: SocketIoGateway, useFactory, inject: [Hub] }],
    };
  }

  onApplicationBootstrap(): void {
    this.gateway.attach(this.host.httpAdapter.getHttpServer() as Server);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.gateway.close();
  }
}
