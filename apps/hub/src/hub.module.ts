import { Module, type DynamicModule } from '@nestjs/common';
import { DocsPageModule } from '@ringback/http-kit';
import { OperatorApiModule } from '@ringback/operator-api';
import { PlatformModule } from '@ringback/platform';
import { bridgeModules } from './bridges.js';
import { CoreModule } from './core.module.js';
import { gatewayModules } from './gateways.js';
import type { NodeParts } from './node-parts.js';
import { PageController, SOCKETIO_PATH } from './page.controller.js';

/** One node of the cluster. */
@Module({})
export class HubModule {
  static forRoot(parts: NodeParts): DynamicModule {
    return {
      module: HubModule,
      imports: [
        CoreModule.forRoot(parts),
        PlatformModule.forRoot(parts),
        ...gatewayModules(parts),
        OperatorApiModule,
        DocsPageModule,
        ...bridgeModules(parts),
      ],
      controllers: [PageController],
      providers: [{ provide: SOCKETIO_PATH, useValue: parts.config.socketio.path }],
    };
  }
}
