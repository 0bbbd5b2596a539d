import { HubConnectionBuilder, LogLevel, type HubConnection } from '@microsoft/signalr';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { HubError, parseEventGuid } from '@ringback/contract';
import { Hub } from '@ringback/core';
import { RingbackModule, RingbackNode } from '@ringback/nest';
import { SignalRServer, type HubContext } from '@ringback/signalr';
import { HubMethod, SignalRHub, SignalRModule } from '@ringback/signalr-nest';
import { EventHub } from './event-hub.js';
import { SignalRGatewayModule } from './signalr.module.js';

/** A hub of the application itself. */
@SignalRHub('/chat')
class ChatHub {
  @HubMethod({ args: 1 })
  echo(_: HubContext, text: unknown): unknown {
    return text;
  }
}

/** Takes no triggers of events that begin with a word. */
class ChoosyEventHub extends EventHub {
  override async triggerEvent(...call: Parameters<EventHub['triggerEvent']>): Promise<void> {
    if (String(call[1]).startsWith('internal')) throw new HubError('forbidden');
    return super.triggerEvent(...call);
  }
}

@Module({
  imports: [
    RingbackModule.forRoot({ drainMs: 0, shutdownDelayMs: 0 }),
    SignalRModule.forRoot({ drainMs: 0 }),
    SignalRGatewayModule.forRoot({
      path: '/events',
      providers: [{ provide: EventHub, useClass: ChoosyEventHub }],
    }),
  ],
  providers: [ChatHub],
})
class ShopModule {}

describe('SignalRGatewayModule', () => {
  let app: NestFastifyApplication | undefined;
  const clients: HubConnection[] = [];

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.stop();
    await app?.close();
  });

  async function start(): Promise<NestFastifyApplication> {
    const testing = await Test.createTestingModule({ imports: [ShopModule] }).compile();
    const adapter = new FastifyAdapter({ forceCloseConnections: true });
    app = testing.createNestApplication<NestFastifyApplication>(adapter, { logger: false });
    await app.listen(0, '127.0.0.1');
    await app.get(RingbackNode).ready();
    return app;
  }

  async function connect(path: string): Promise<HubConnection> {
    const url = (await app?.getUrl()) + path;
    const client = new HubConnectionBuilder().withUrl(url).configureLogging(LogLevel.None).build();
    clients.push(client);
    await client.start();
    return client;
  }

  it('serves clients on the HTTP server of the application, and closes them before it', async () => {
    const started = await start();
    const client = await connect('/events');
    const closed = new Promise((resolve) => client.on('HubClose', resolve));
    expect(await client.invoke('SubscribeToEvent', 'guid', 'c', null)).toMatchObject({ ok: true });
    expect((await fetch(`${await started.getUrl()}/elsewhere`)).status).toBe(404);
    await started.close();
    expect(await closed).toMatchObject({ name: 'draining' });
  });

  it('leaves the hubs that the application has of its own alone', async () => {
    const started = await start();
    const [chat, events] = [await connect('/chat'), await connect('/events')];
    expect(await chat.invoke('echo', 'hello')).toBe('hello');
    await expect(events.invoke('echo', 'hello')).rejects.toThrow('Method does not exist');
    expect(started.get(SignalRServer).hubAt('/chat')?.connectionCount).toBe(1);
    expect(started.get(Hub).figures().connections).toBe(1);
  });

  it('lets the application replace a part', async () => {
    const started = await start();
    const client = await connect('/RealtimeEventPushHub');
    await expect(client.invoke('TriggerEvent', 'internal-1', '', false)).rejects.toThrow('forbidden: ');
    await client.invoke('TriggerEvent', 'open-1', 'data', false);
    const history = await started
      .get(Hub)
      .operator.history({ name: 'x' }, parseEventGuid('open-1'), { limit: 10 });
    expect(history.items.map(({ data }) => data)).toEqual(['data']);
  });
});
