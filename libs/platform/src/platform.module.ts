import { Module, type DynamicModule } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import type { Registry } from 'prom-client';
import { METRICS_REGISTRY, MetricsController } from './metrics.controller.js';
import { Readiness } from './readiness.js';

/** Health and metrics over HTTP. */
@Module({})
export class PlatformModule {
  static forRoot(parts: {
    readonly readiness: Readiness;
    readonly metrics: { readonly registry: Registry };
  }): DynamicModule {
    return {
      module: PlatformModule,
      controllers: [HealthController, MetricsController],
      providers: [
        { provide: Readiness, useValue: parts.readiness },
        { provide: METRICS_REGISTRY, useValue: parts.metrics.registry },
      ],
    };
  }
}
