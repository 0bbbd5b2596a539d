import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket, WebSocketServer, type ServerOptions } from 'ws';
import { paceReads } from './pace-reads.js';
import { TurnScheduler } from './turn-scheduler.js';

describe('paceReads', () => {
  let server: Server;
  let client: WebSocket;

  afterEach(() => {
    client.terminate();
    server.close();
  });

  /** Both ends of a WebSocket; the server's is paced. */
  async function link(
    options: ServerOptions & { closeTimeout?: number } = {},
    scheduler = new TurnScheduler(32),
  ): Promise<{ near: WebSocket; received: string[] }> {
    server = createServer().listen(0, '127.0.0.1');
    const sockets = new WebSocketServer({ server, ...options });
    const received: string[] = [];
    sockets.on('connection', (near, { socket }) => {
      paceReads(near, socket, scheduler);
      near.on('message', (data) => received.push((data as Buffer).toString()));
    });
    await once(server, 'listening');
    client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const [near] = (await once(sockets, 'connection')) as [WebSocket];
    await once(client, 'open');
    return { near, received };
  }

  const carrierOf = (webSocket: WebSocket): Socket => (webSocket as unknown as { _socket: Socket })._socket;

  const sendMany = (count: number): string[] => {
    const texts = Array.from({ length: count }, (_, index) => `${index}`);
    for (const text of texts) client.send(text);
    return texts;
  };

  it('brings everything, whole and in order, however much comes at once', async () => {
    const { received } = await link();
    const large = 'x'.repeat(200_000);
    const texts = [...sendMany(30_000), large];
    client.send(large);
    await waitFor(() => received.length === texts.length);
    expect(received).toEqual(texts);
  });

  it('lets others have their turn within what comes in one piece', async () => {
    const { received } = await link();
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (received.length < 30_000) setImmediate(count);
    };
    count();
    sendMany(30_000);
    await waitFor(() => received.length === 30_000);
    expect(turns).toBeGreaterThan((30_000 * 7) / (16 * 1024));
  });

  it('leaves the little that comes when a turn is over to a later one', async () => {
    const scheduler = new TurnScheduler(1);
    const { near, received } = await link({}, scheduler);
    let isOver = false;
    near.on('message', () => (isOver = scheduler.isOver));
    const socket = (near as unknown as { readonly _socket: Socket })._socket;
    const paused = once(socket, 'pause');
    socket.prependListener('data', () => scheduler.spend());
    client.send('little');
    await paused;
    expect(received).toEqual([]);
    await waitFor(() => received.length === 1);
    expect(isOver).toBe(false);
  });

  it('brings nothing while the WebSocket is paused, and goes on once it is resumed', async () => {
    const { near, received } = await link();
    near.once('message', () => near.pause());
    const texts = sendMany(30_000);
    await waitFor(() => near.isPaused);
    const seen = received.length;
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(received.length).toBe(seen);
    expect(seen).toBeLessThan(texts.length);
    near.resume();
    await waitFor(() => received.length === texts.length);
    expect(received).toEqual(texts);
  });

  it('brings what had come before the client went', async () => {
    const { near, received } = await link();
    const closed = once(near, 'close');
    const texts = sendMany(30_000);
    client.close();
    await closed;
    expect(received).toEqual(texts);
  });

  it('brings what had come before the client went without a word', async () => {
    const { near, received } = await link();
    const closed = once(near, 'close');
    const texts = sendMany(30_000);
    carrierOf(client).end();
    await closed;
    expect(received).toEqual(texts);
  });

  it('drops what comes after its own close, and still sees the other side close', async () => {
    const { near, received } = await link();
    near.close(4000);
    const closed = once(near, 'close');
    client.pause();
    sendMany(1_000);
    client.resume();
    expect((await closed)[0]).toBe(4000);
    expect(received).toEqual([]);
  });

  it('reads little of who goes on sending after its close, and nothing after the time for closing', async () => {
    const { near, received } = await link({ closeTimeout: 500 });
    const tcp = carrierOf(client);
    const frames = Buffer.concat(Array<Buffer>(10_000).fill(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x78])));
    tcp.removeAllListeners('data').on('error', () => undefined);
    near.close();
    const closed = once(near, 'close');
    const flood = setInterval(() => tcp.writableLength < 1_000_000 && tcp.write(frames), 1);
    const carrier = carrierOf(near);
    await closed;
    clearInterval(flood);
    expect(received).toEqual([]);
    expect(carrier.bytesRead).toBeLessThan(4 * 1024 * 1024);
  });

  it('takes nothing apart any more after the close of the other side', async () => {
    const { near, received } = await link({ closeTimeout: 500 });
    const errors: Error[] = [];
    near.on('error', (error) => errors.push(error));
    const tcp = carrierOf(client);
    const closeFrame = Buffer.from([0x88, 0x80, 0, 0, 0, 0]);
    const frames = Buffer.concat(Array<Buffer>(10_000).fill(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x78])));
    tcp.removeAllListeners('data').removeAllListeners('end');
    tcp.write(Buffer.concat([closeFrame, frames]));
    await once(near, 'close');
    expect(received).toEqual([]);
    expect(errors).toEqual([]);
  });
});
