import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';

/** Health and metrics over HTTP. Expects `Readiness` and `METRICS_REGISTRY`, by these providers or from global modules. */
@Module({})
export class PlatformModule {
  static forRoot(providers: readonly Provider[] = []): DynamicModule {
    return {
      module: PlatformModule,
      controllers: [HealthController, MetricsController],
      providers: [...providers],
    };
  }
}
