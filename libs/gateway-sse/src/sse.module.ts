import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnModuleInit,
} from '@nestjs/common';
import { withTimeout } from '@ringback/async';
import { CLOSE_REASONS, HubError } from '@ringback/contract';
import { Hub } from '@ringback/core';
import { ConnectionRegistry, HttpRouter } from '@ringback/gateway-kit';
import { Authenticator, ErrorPageModule } from '@ringback/http-kit';
import { IdleRecords } from './idle-records.js';
import { PreparedStreams } from './prepared-streams.js';
import type { SseConnection } from './sse.connection.js';
import { SseGateway } from './sse.gateway.js';
import { SseMount } from './sse.mount.js';
import { DEFAULT_OPTIONS, GATEWAY, SSE_OPTIONS, type SseOptions } from './sse.options.js';
import { StreamStates } from './stream-states.js';
import { StreamsController } from './streams.controller.js';

/** How long a node that stops waits for what is still to be written down. */
const SETTLE_TIMEOUT_MS = 2_000;

/** Streams for EventSource. Expects the global `RingbackModule`. */
@Module({})
export class SseGatewayModule implements OnModuleInit, BeforeApplicationShutdown {
  constructor(
    @Inject(HttpRouter) private readonly router: HttpRouter,
    @Inject(SseMount) private readonly mount: SseMount,
    @Inject(ConnectionRegistry) private readonly clients: ConnectionRegistry<SseConnection>,
    @Inject(StreamStates) private readonly states: StreamStates,
    @Inject(Hub) private readonly hub: Hub,
  ) {}

  static forRoot(options: Partial<SseOptions> = {}): DynamicModule {
    const clients = {
      provide: ConnectionRegistry,
      inject: [Hub, HttpRouter],
      useFactory: (hub: Hub, { access }: HttpRouter) =>
        new ConnectionRegistry<SseConnection>(hub, GATEWAY, access),
    };
    const complete = { ...DEFAULT_OPTIONS, ...options };
    const idle = new IdleRecords(complete.maxPreparedBytes);
    const states = {
      provide: StreamStates,
      inject: [Hub],
      useFactory: (hub: Hub) => new StreamStates(hub, idle, complete),
    };
    const prepared = {
      provide: PreparedStreams,
      inject: [Hub],
      useFactory: ({ records, limits }: Hub) => new PreparedStreams(records, limits, idle, complete),
    };
    return {
      module: SseGatewayModule,
      imports: [ErrorPageModule],
      controllers: [StreamsController],
      providers: [
        { provide: SSE_OPTIONS, useValue: complete },
        { provide: Authenticator, useExisting: Hub },
        clients,
        states,
        prepared,
        SseGateway,
        SseMount,
      ],
    };
  }

  onModuleInit(): void {
    this.router.mount(this.mount);
  }

  /** Those that the hub has not closed in its drain, before their server does without a word; and what streams have still to write down, as long as Redis is there. */
  async beforeApplicationShutdown(): Promise<void> {
    this.clients.closeAll(CLOSE_REASONS.draining);
    const tooLate = (): HubError => new HubError('relay-unavailable');
    try {
      await withTimeout(this.states.settled(), SETTLE_TIMEOUT_MS, tooLate);
    } catch (error) {
      this.hub.failed(error);
    }
  }
}
