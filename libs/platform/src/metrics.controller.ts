import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Registry } from 'prom-client';
import { MetricsText } from './metrics-text.js';

/** Under this token the module keeps what is scraped. */
export const METRICS_REGISTRY = Symbol('MetricsRegistry');

/** What Prometheus scrapes. */
@ApiTags('health')
@Controller('metrics')
export class MetricsController {
  private readonly text: MetricsText;

  constructor(@Inject(METRICS_REGISTRY) registry: Registry) {
    this.text = new MetricsText(registry);
  }

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Metrics of this process, in the text format of Prometheus, made at most once a second.',
  })
  @ApiProduces('text/plain')
  scrape(): Promise<string> {
    return this.text.read();
  }
}
