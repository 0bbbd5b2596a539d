import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnModuleInit,
} from '@nestjs/common';
import { CLOSE_REASONS } from '@ringback/contract';
import { Hub } from '@ringback/core';
import { ConnectionRegistry, HttpRouter } from '@ringback/gateway-kit';
import type { SseConnection } from './sse.connection.js';
import { SseGateway } from './sse.gateway.js';
import { SseMount } from './sse.mount.js';
import { DEFAULT_OPTIONS, GATEWAY, SSE_OPTIONS, type SseOptions } from './sse.options.js';

/** Streams for EventSource. Expects the global `RingbackModule`. */
@Module({})
export class SseGatewayModule implements OnModuleInit, BeforeApplicationShutdown {
  constructor(
    @Inject(HttpRouter) private readonly router: HttpRouter,
    @Inject(SseMount) private readonly mount: SseMount,
    @Inject(ConnectionRegistry) private readonly clients: ConnectionRegistry<SseConnection>,
  ) {}

  static forRoot(options: Partial<SseOptions> = {}): DynamicModule {
    const clients = {
      provide: ConnectionRegistry,
      inject: [Hub, HttpRouter],
      useFactory: (hub: Hub, { access }: HttpRouter) =>
        new ConnectionRegistry<SseConnection>(hub, GATEWAY, access),
    };
    return {
      module: SseGatewayModule,
      providers: [
        { provide: SSE_OPTIONS, useValue: { ...DEFAULT_OPTIONS, ...options } },
        clients,
        SseGateway,
        SseMount,
      ],
    };
  }

  onModuleInit(): void {
    this.router.mount(this.mount);
  }

  /** Those that the hub has not closed in its drain, before their server does without a word. */
  beforeApplicationShutdown(): void {
    this.clients.closeAll(CLOSE_REASONS.draining);
  }
}
