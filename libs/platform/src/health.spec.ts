import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Readiness } from '@ringback/http-kit';
import { METRICS_REGISTRY } from './metrics.controller.js';
import { PlatformModule } from './platform.module.js';
import { PromMetrics } from './prom-metrics.js';

describe('health and metrics over HTTP', () => {
  const warnings: string[] = [];
  const log = { debug() {}, info() {}, warn: (message: string) => warnings.push(message), error() {} };
  let healthy: boolean;
  let refusal: string | undefined;
  let readiness: Readiness;
  let app: NestFastifyApplication;

  beforeEach(async () => {
    warnings.length = 0;
    healthy = true;
    refusal = undefined;
    readiness = new Readiness({ healthy: () => healthy, refusal: () => refusal }, log);
    const platform = PlatformModule.forRoot([
      { provide: Readiness, useValue: readiness },
      { provide: METRICS_REGISTRY, useValue: new PromMetrics().registry },
    ]);
    const testing = await Test.createTestingModule({ imports: [platform] }).compile();
    app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
  });

  afterEach(async () => {
    await app.close();
  });

  async function get(url: string): Promise<{ status: number; body: unknown }> {
    const answer = await fetch((await app.getUrl()) + url);
    return { status: answer.status, body: await answer.json() };
  }

  it('is live from the first moment', async () => {
    expect(await get('/health/live')).toEqual({ status: 200, body: { status: 'live' } });
  });

  it('is ready only between start and drain', async () => {
    expect(await get('/health/ready')).toEqual({ status: 503, body: { status: 'starting' } });
    readiness.started();
    expect(await get('/health/ready')).toEqual({ status: 200, body: { status: 'ready' } });
    readiness.draining();
    readiness.started();
    expect(await get('/health/ready')).toEqual({ status: 503, body: { status: 'draining' } });
  });

  it('is not ready while the relay is not healthy, says so once in the log, and comes back', async () => {
    readiness.started();
    healthy = false;
    expect(await get('/health/ready')).toEqual({ status: 503, body: { status: 'cluster-unreachable' } });
    expect(await get('/health/ready')).toMatchObject({ status: 503 });
    expect(warnings).toEqual(['cluster unreachable']);
    healthy = true;
    expect(await get('/health/ready')).toMatchObject({ status: 200 });
  });

  it('is not ready while the cluster refuses writes, and says with which word', async () => {
    readiness.started();
    healthy = false;
    refusal = 'OOM';
    const refused = { status: 503, body: { status: 'cluster-refuses-writes', reason: 'OOM' } };
    expect(await get('/health/ready')).toEqual(refused);
    refusal = 'READONLY';
    expect(await get('/health/ready')).toMatchObject({ body: { reason: 'READONLY' } });
    expect(await get('/health/ready')).toMatchObject({ status: 503 });
    expect(warnings).toEqual(['cluster refuses writes', 'cluster refuses writes']);
    [healthy, refusal] = [true, undefined];
    expect(await get('/health/ready')).toEqual({ status: 200, body: { status: 'ready' } });
  });

  it('offers the metrics as Prometheus reads them', async () => {
    const answer = await fetch(`${await app.getUrl()}/metrics`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await answer.text()).toContain('# TYPE ringback_triggers_total counter');
  });
});
