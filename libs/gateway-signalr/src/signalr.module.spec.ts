import { HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { DEFAULT_LIMITS } from '@ringback/contract';
import { Hub } from '@ringback/core';
import { CountingMetrics, MemoryCluster, OpenAccess, SilentLog, SystemClock } from '@ringback/memory';
import { SignalRGatewayModule } from './signalr.module.js';

const hub = new Hub(
  {
    ...new MemoryCluster().node(),
    access: new OpenAccess(),
    clock: new SystemClock(),
    log: new SilentLog(),
    metrics: new CountingMetrics(),
  },
  {
    nodeId: 'node-1',
    address: 'http://127.0.0.1:0',
    version: '0.0.0',
    leaseMs: 30_000,
    limits: DEFAULT_LIMITS,
  },
);

/** What the composition root provides. */
@Global()
@Module({ providers: [{ provide: Hub, useValue: hub }], exports: [Hub] })
class HubModule {}

describe('SignalRGatewayModule', () => {
  afterEach(async () => {
    await hub.drain();
  });

  it('serves clients on the HTTP server of the application, and closes them before it', async () => {
    await hub.start();
    const imports = [HubModule, SignalRGatewayModule.forRoot()];
    const testing = await Test.createTestingModule({ imports }).compile();
    const app = testing.createNestApplication<NestFastifyApplication>(
      new FastifyAdapter({ forceCloseConnections: true }),
    );
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const client = new HubConnectionBuilder().withUrl(`${url}/hub`).configureLogging(LogLevel.None).build();
    const closed = new Promise((resolve) => client.on('HubClose', resolve));
    await client.start();
    expect(await client.invoke('SubscribeToEvent', 'guid', 'c', null)).toMatchObject({ ok: true });
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
    await app.close();
    expect(await closed).toMatchObject({ name: 'draining' });
    await client.stop();
  });
});
