import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnModuleInit,
  type Provider,
} from '@nestjs/common';
import { CLOSE_REASONS } from '@ringback/contract';
import { Hub } from '@ringback/core';
import { ConnectionRegistry, HttpRouter } from '@ringback/gateway-kit';
import { SignalRModule } from '@ringback/signalr-nest';
import { EventHub } from './event-hub.js';
import { ExtendedHub } from './extended-hub.js';
import { HubSessions } from './hub-sessions.js';
import type { SignalRConnection } from './signalr.connection.js';
import { SignalRMount } from './signalr.mount.js';
import { GATEWAY, SERVER, SIGNALR_OPTIONS, type SignalRModuleOptions } from './signalr.options.js';
import { serverSettings } from './signalr.server-settings.js';

/** SignalR for the hub of a node: an event hub as MDriven has it, and an extended one. Expects the global `RingbackModule`. */
@Module({})
export class SignalRGatewayModule implements OnModuleInit, BeforeApplicationShutdown {
  constructor(
    @Inject(HttpRouter) private readonly router: HttpRouter,
    @Inject(SignalRMount) private readonly mount: SignalRMount,
    @Inject(ConnectionRegistry) private readonly clients: ConnectionRegistry<SignalRConnection>,
  ) {}

  static forRoot({ providers = [], ...options }: SignalRModuleOptions = {}): DynamicModule {
    const server = SignalRModule.forRootAsync({
      server: SERVER,
      inject: [Hub, HttpRouter],
      useFactory: (hub: Hub, router: HttpRouter) => serverSettings(hub, router, options),
    });
    return {
      module: SignalRGatewayModule,
      imports: [server],
      providers: [{ provide: SIGNALR_OPTIONS, useValue: options }, ...PARTS, ...providers],
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

const PARTS: readonly Provider[] = [
  {
    provide: ConnectionRegistry,
    inject: [Hub, HttpRouter],
    useFactory: (hub: Hub, { access }: HttpRouter) =>
      new ConnectionRegistry<SignalRConnection>(hub, GATEWAY, access),
  },
  HubSessions,
  SignalRMount,
  EventHub,
  ExtendedHub,
];
