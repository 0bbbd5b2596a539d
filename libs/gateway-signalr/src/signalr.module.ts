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
import type { SignalRConfig } from './signalr.config.js';
import { SignalRGateway } from './signalr.gateway.js';

/** Puts the SignalR gateway on the HTTP server of the application. Wants `Hub` from a global module. */
@Module({})
export class SignalRGatewayModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly gateway: SignalRGateway,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  static forRoot(config: SignalRConfig = {}): DynamicModule {
    const useFactory = (hub: Hub) => new SignalRGateway(hub, config);
    return {
      module: SignalRGatewayModule,
      providers: [{ provide: SignalRGateway, useFactory, inject: [Hub] }],
    };
  }

  onApplicationBootstrap(): void {
    this.gateway.attach(this.host.httpAdapter.getHttpServer() as Server);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.gateway.close();
  }
}
