import {
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type FactoryProvider,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnModuleInit,
  type Provider,
} from '@nestjs/common';
import { DiscoveryModule, HttpAdapterHost } from '@nestjs/core';
import { SignalRServer } from '@ringback/signalr';
import type { Server } from 'node:http';
import { HubEndpoints } from './hub-endpoints.js';
import { HubExplorer } from './hub-explorer.js';
import { HubPipeline } from './hub-pipeline.js';
import { DEFAULT_SERVER } from './signalr-hub.decorator.js';
import { SERVER_NAME, SIGNALR_SETTINGS, type SignalRSettings } from './signalr.settings.js';

const DRAIN_MS = 2_000;

/** Which of several servers in one application it is: `@SignalRHub(path, { server })` names it. */
interface ServerName {
  readonly server?: string;
}

/** Under the class itself there is one server only: an application that asks for it means its own. */
const DEFAULT: Provider = {
  provide: SignalRServer,
  inject: [HubEndpoints],
  useFactory: ({ server }: HubEndpoints) => server,
};

/** Settings that other providers have a part in, as a backplane that has to be opened first. */
export type SignalRAsyncSettings = ServerName &
  Pick<ModuleMetadata, 'imports'> &
  Pick<FactoryProvider<SignalRSettings>, 'inject' | 'useFactory'>;

/**
 * Serves the providers with `@SignalRHub` on the HTTP server of the application, and sends their clients away when it shuts down. `SignalRServer` can be
 * injected everywhere; its hubs are there once the application bootstraps. An application may have several servers, each with hubs of its own: of one
 * with a name, the modules that import it can have `HubEndpoints` injected.
 */
@Module({})
export class SignalRModule implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(HubExplorer) private readonly explorer: HubExplorer,
    @Inject(HubEndpoints) private readonly endpoints: HubEndpoints,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(SIGNALR_SETTINGS) private readonly settings: SignalRSettings,
  ) {}

  static forRoot({ server, ...settings }: SignalRSettings & ServerName = {}): DynamicModule {
    return SignalRModule.forRootAsync({
      ...(server !== undefined && { server }),
      useFactory: () => settings,
    });
  }

  static forRootAsync({
    server = DEFAULT_SERVER,
    imports = [],
    inject = [],
    useFactory,
  }: SignalRAsyncSettings): DynamicModule {
    const isDefault = server === DEFAULT_SERVER;
    return {
      module: SignalRModule,
      global: isDefault,
      imports: [DiscoveryModule, ...imports],
      providers: [
        { provide: SERVER_NAME, useValue: server },
        { provide: SIGNALR_SETTINGS, inject, useFactory },
        HubPipeline,
        HubExplorer,
        HubEndpoints,
        ...(isDefault ? [DEFAULT] : []),
      ],
      exports: [HubEndpoints, ...(isDefault ? [SignalRServer] : [])],
    };
  }

  onModuleInit(): void {
    for (const hub of this.explorer.explore()) this.endpoints.add(hub);
  }

  onApplicationBootstrap(): void {
    const { attach = true } = this.settings;
    if (attach) this.endpoints.attach(this.host.httpAdapter.getHttpServer() as Server);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.endpoints.close(this.settings.drainMs ?? DRAIN_MS);
  }
}
