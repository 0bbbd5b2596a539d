import { HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { waitFor } from '@ringback/conformance';
import { RingbackNode } from '@ringback/nest';
import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { createShop } from './create-shop.js';

describe('a hub node in an application of its own', () => {
  let app: NestFastifyApplication;
  let url: string;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    app = await createShop();
    await app.listen(0, '127.0.0.1');
    await app.get(RingbackNode).ready();
    url = (await app.getUrl()).replace(/\/$/, '');
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.disconnect();
    await app.close();
  });

  async function connect(path?: string): Promise<Socket> {
    const socket = io(url, { forceNew: true, reconnection: false, ...(path !== undefined && { path }) });
    sockets.push(socket);
    await once(socket as never, 'connect');
    return socket;
  }

  function post(path: string, body?: object): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    return fetch(url + path, { method: 'POST', ...(body && { headers, body: JSON.stringify(body) }) });
  }

  it('brings what the application triggers to clients of Socket.IO and SignalR, and to the application itself', async () => {
    const customer = await connect();
    const received: string[] = [];
    customer.on('ReceiveEvent', (_, cookie: string, data: string) => received.push(`${cookie} ${data}`));
    await customer.emitWithAck('SubscribeToEvent', 'order-7', 'my order');
    const kitchen = new HubConnectionBuilder()
      .withUrl(`${url}/RealtimeEventPushHub`)
      .configureLogging(LogLevel.None)
      .build();
    kitchen.on('ReceiveEvent', (_, cookie: string, data: string) => received.push(`${cookie} ${data}`));
    await kitchen.start();
    await kitchen.invoke('SubscribeToEvent', 'order-7', 'kitchen');

    expect((await post('/orders/7', { item: 'pizza' })).status).toBe(201);
    await post('/orders/7/status/delivered');
    await waitFor(() => received.length === 4, 'both events at both clients');
    expect(received.filter((line) => line.startsWith('my order'))).toEqual([
      'my order {"status":"placed","item":"pizza"}',
      'my order {"status":"delivered"}',
    ]);
    expect(await (await fetch(`${url}/orders/7`)).json()).toEqual(['placed', 'delivered']);
    await kitchen.stop();
  });

  it("serves the application's own gateway beside it", async () => {
    const guest = await connect('/chat');
    expect(await guest.emitWithAck('say', 'hello')).toBe('you said hello');
  });

  it('sends its clients away with a reason when the application closes', async () => {
    const customer = await connect();
    const closed = once(customer as never, 'HubClose');
    await app.close();
    expect(await closed).toEqual([expect.objectContaining({ name: 'draining' })]);
  });
});
