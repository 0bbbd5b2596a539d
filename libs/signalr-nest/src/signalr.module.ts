import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type FactoryProvider,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { DiscoveryModule, HttpAdapterHost } from '@nestjs/core';
import { jsonProtocol, messagePackProtocol, SignalRServer } from '@ringback/signalr';
import type { Server } from 'node:http';
import { HubEndpoints } from './hub-endpoints.js';
import { HubExplorer } from './hub-explorer.js';
import { nestLog } from './nest-log.js';
import { SIGNALR_SETTINGS, type SignalRSettings } from './signalr.settings.js';

const DRAIN_MS = 2_000;

/** Settings that other providers have a part in, as a backplane that has to be opened first. */
export type SignalRAsyncSettings = Pick<ModuleMetadata, 'imports'> &
  Pick<FactoryProvider<SignalRSettings>, 'inject' | 'useFactory'>;

/**
 * Serves all providers with `@SignalRHub` on the HTTP server of the application, and sends their clients away when it shuts down.
 * `SignalRServer` can be injected everywhere; its hubs are there once the application bootstraps.
 */
@Module({})
export class SignalRModule implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(HubExplorer) private readonly explorer: HubExplorer,
    @Inject(HubEndpoints) private readonly endpoints: HubEndpoints,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(SIGNALR_SETTINGS) private readonly settings: SignalRSettings,
  ) {}

  static forRoot(settings: SignalRSettings = {}): DynamicModule {
    return SignalRModule.forRootAsync({ useFactory: () => settings });
  }

  static forRootAsync({ imports = [], inject = [], useFactory }: SignalRAsyncSettings): DynamicModule {
    return {
      module: SignalRModule,
      global: true,
      imports: [DiscoveryModule, ...imports],
      providers: [
        { provide: SIGNALR_SETTINGS, inject, useFactory },
        { provide: SignalRServer, inject: [SIGNALR_SETTINGS], useFactory: makeServer },
        HubExplorer,
        HubEndpoints,
      ],
      exports: [SignalRServer],
    };
  }

  onModuleInit(): void {
    for (const hub of this.explorer.explore()) this.endpoints.add(hub);
  }

  onApplicationBootstrap(): void {
    this.endpoints.attach(this.host.httpAdapter.getHttpServer() as Server);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.endpoints.close(this.settings.drainMs ?? DRAIN_MS);
  }
}

function makeServer(settings: SignalRSettings): SignalRServer {
  return new SignalRServer({ protocols: [jsonProtocol, messagePackProtocol], log: nestLog, ...settings });
}
