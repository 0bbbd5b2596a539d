import { Inject, Module, type DynamicModule, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Origins } from '@ringback/contract';
import { Hub } from '@ringback/core';
import { HttpRouter, NodeForwarder } from '@ringback/gateway-kit';
import { OriginPolicy } from '@ringback/http-kit';
import { SilentLog } from '@ringback/memory';
import type { Server } from 'node:http';

/** What `RingbackModule` has for a gateway, around a hub that the spec starts and drains. Requests of other nodes find nobody. */
@Module({})
export class HubNodeModule implements OnApplicationBootstrap {
  constructor(
    @Inject(HttpRouter) private readonly router: HttpRouter,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  static around(hub: Hub, origins: Origins | undefined): DynamicModule {
    return {
      module: HubNodeModule,
      global: true,
      providers: [
        { provide: Hub, useValue: hub },
        { provide: HttpRouter, useFactory: () => routerOf(hub, origins) },
      ],
      exports: [Hub, HttpRouter],
    };
  }

  onApplicationBootstrap(): void {
    this.router.attach(this.host.httpAdapter.getHttpServer() as Server);
  }
}

function routerOf(hub: Hub, origins: Origins | undefined): HttpRouter {
  const { nodeId } = hub;
  const reportError = (error: unknown) => hub.failed(error);
  const addressOf = () => Promise.resolve(undefined);
  const forwarder = new NodeForwarder({ nodeId, addressOf, log: new SilentLog(), reportError });
  return new HttpRouter({
    nodeId,
    origins: new OriginPolicy(origins),
    forwarder,
    isDraining: () => hub.isDraining,
    reportError,
  });
}
