import { Module, type DynamicModule } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { PromMetrics } from './prom-metrics.js';
import { Readiness } from './readiness.js';

/** Health and metrics over HTTP. */
@Module({})
export class PlatformModule {
  static forRoot(parts: { readonly readiness: Readiness; readonly metrics: PromMetrics }): DynamicModule {
    return {
      module: PlatformModule,
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: Readiness, useValue: parts.readiness },
        { provide: PromMetrics, useValue: parts.metrics },
      ],
    };
  }
}
