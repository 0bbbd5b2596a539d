import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
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
  async function link(): Promise<{ near: WebSocket; received: string[] }> {
    server = createServer().listen(0, '127.0.0.1');
    const sockets = new WebSocketServer({ server });
    const received: string[] = [];
    sockets.on('connection', (near, { socket }) => {
      paceReads(near, socket, new TurnScheduler(32));
      near.on('message', (data) => received.push((data as Buffer).toString()));
    });
    await once(server, 'listening');
    client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const [near] = (await once(sockets, 'connection')) as [WebSocket];
    await once(client, 'open');
    return { near, received };
  }

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
    expect(turns).toBeGreaterThan((30_000 * 7) / (8 * 1024));
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
});
