import { Module, type DynamicModule } from '@nestjs/common';
import { DocsPageController, ErrorPageController } from '@ringback/http-kit';
import { ConnectionsController } from './connections.controller.js';
import { EventsController } from './events.controller.js';
import { HTTP_CONFIG, type HttpConfig } from './http.config.js';
import { NodesController } from './nodes.controller.js';
import { SessionsController } from './sessions.controller.js';
import { TriggerController } from './trigger.controller.js';

const CONTROLLERS = [
  TriggerController,
  EventsController,
  NodesController,
  ConnectionsController,
  SessionsController,
  ErrorPageController,
];

/** The HTTP gateway. Expects `Hub` from a global module, and `configureHttp` to be called on the application. */
@Module({})
export class HttpGatewayModule {
  static forRoot(config: HttpConfig = {}): DynamicModule {
    return {
      module: HttpGatewayModule,
      controllers: [...CONTROLLERS, ...((config.docs ?? true) ? [DocsPageController] : [])],
      providers: [{ provide: HTTP_CONFIG, useValue: config }],
    };
  }
}
