import { Module, type DynamicModule } from '@nestjs/common';
import { DocsPageController, ErrorPageController } from '@ringback/http-kit';
import { HTTP_CONFIG, type HttpConfig } from './http.config.js';
import { TriggerController } from './trigger.controller.js';

/** The HTTP gateway. Expects `Hub` from a global module, and `configureHttp` to be called on the application. */
@Module({})
export class HttpGatewayModule {
  static forRoot(config: HttpConfig = {}): DynamicModule {
    const docs = (config.docs ?? true) ? [DocsPageController] : [];
    return {
      module: HttpGatewayModule,
      controllers: [TriggerController, ErrorPageController, ...docs],
      providers: [{ provide: HTTP_CONFIG, useValue: config }],
    };
  }
}
