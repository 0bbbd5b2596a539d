import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { EndpointOptions } from './index.js';
import { settle } from './options.js';
import { Bench, until } from './testing/bench.js';
import { ManualTimers } from './testing/manual-timers.js';
import { WebSocketConnection } from './websocket-connection.js';

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

/** More than the operating system holds for a socket. */
const MUCH = 'x'.repeat(2 ** 25);

let bench: Bench;
afterEach(async () => bench.stop());

async function opened(options: Partial<EndpointOptions> = {}): Promise<WebSocket> {
  bench = await Bench.start({ maxBufferedBytes: 2 ** 30, ...options });
  return bench.open('/hub');
}

/** What arrives, in order: messages shortened to their first letter, pongs and the close code. */
function arrivals(socket: WebSocket): (string | number)[] {
  const seen: (string | number)[] = [];
  socket.on('message', (data: Buffer) => seen.push(data.toString('latin1', 0, 1)));
  socket.on('pong', (data) => seen.push(`pong ${data.toString()}`));
  socket.on('close', (code) => seen.push(code));
  return seen;
}

describe('bytes that are ready, over WebSockets', () => {
  it.each([
    ['Text', 'a', false],
    ['Binary', '\xff', true],
  ] as const)('arrive whole as frames of %s, whatever their length', async (format, letter, binary) => {
    const socket = await opened();
    const frames: [string, boolean][] = [];
    socket.on('message', (data: Buffer, isBinary) => frames.push([data.toString('latin1'), isBinary]));
    const { connection } = bench.last;
    connection.setFormat(format);
    const sent = [1, 125, 126, 65_535, 65_536, 200_000].map((length) => letter.repeat(length));
    for (const message of sent) connection.sendBytes([message]);
    await until(() => frames.length === sent.length);
    expect(frames).toEqual(sent.map((message) => [message, binary]));
  });

  it('are one frame for each call, and nothing for none', async () => {
    const socket = await opened();
    const frames: string[] = [];
    socket.on('message', (data: Buffer) => frames.push(data.toString()));
    const { connection } = bench.last;
    connection.sendBytes([latin1('ä'), 'b', latin1('漢')]);
    connection.sendBytes([]);
    connection.send(['ö']);
    connection.sendBytes(['last']);
    await until(() => frames.length === 3);
    expect(frames).toEqual(['äb漢', 'ö', 'last']);
  });

  it('keep their order with messages, pongs and the close while the client does not read', async () => {
    const socket = await opened();
    const seen = arrivals(socket);
    const { connection } = bench.last;
    socket.pause();
    connection.sendBytes([MUCH]);
    connection.send(['b']);
    connection.sendBytes(['c']);
    socket.ping('1');
    socket.send('read');
    await until(() => bench.last.inbound === 'read'); // and the ping before it,
    await new Promise((resolve) => setImmediate(resolve)); // which is answered when that turn is over
    connection.sendBytes(['d']);
    expect(connection.bufferedBytes).toBeGreaterThan(0);
    connection.close();
    connection.sendBytes(['too late']);
    socket.resume();
    await until(() => seen.length === 6);
    expect(seen).toEqual(['x', 'b', 'c', 'pong 1', 'd', 1000]);
  });

  it('end the connection of a client for which too many wait', async () => {
    const socket = await opened({ maxBufferedBytes: 2 ** 20 });
    socket.pause();
    bench.last.connection.sendBytes([MUCH]);
    expect(bench.last.connection.bufferedBytes).toBeGreaterThan(2 ** 20);
    bench.last.connection.sendBytes(['more']);
    await until(() => bench.last.ended);
    expect(bench.last.error?.message).toMatch(/reads too slowly/);
  });

  it('end the connection of a client that takes nothing within the send time-out', async () => {
    const timers = new ManualTimers();
    const socket = await opened({ timers });
    socket.pause();
    bench.last.connection.sendBytes([MUCH]);
    timers.advance(10_000);
    await until(() => bench.last.ended);
    expect(bench.last.error?.message).toBe('A send took too long.');
  });

  it('are dropped with a socket that closes in the middle, and touch no other', async () => {
    const socket = await opened();
    const other = await bench.open('/hub');
    const [first, second] = bench.seen.map(({ connection }) => connection);
    socket.pause();
    first?.sendBytes([MUCH]);
    socket.terminate();
    await until(() => {
      first?.sendBytes(['before the loss is noticed, and after']);
      return bench.seen[0]?.ended === true;
    });
    const arrived = once(other, 'message');
    second?.sendBytes(['fine']);
    expect(String((await arrived)[0])).toBe('fine');
    expect([bench.seen[0]?.error, bench.faults, bench.endpoint.connectionCount]).toEqual([
      expect.any(Error),
      [],
      1,
    ]);
  });

  it('wait for what the WebSocket itself still holds back', async () => {
    bench = new Bench();
    const { socket, connection, client } = await ownSocket();
    const frames: string[] = [];
    client.on('message', (data: Buffer) => frames.push(data.toString()));
    socket.send(new Blob(['read later'])); // is read in turns of its own
    expect(socket.bufferedAmount).toBeGreaterThan(0);
    connection.sendBytes(['after', ' it']);
    await until(() => frames.length === 2);
    expect(frames).toEqual(['read later', 'after it']);
    connection.abort();
  });

  it('go to the socket in one write, and nowhere once the WebSocket says that it closes', async () => {
    bench = new Bench();
    const { socket, carrier, connection, client } = await ownSocket();
    const write = jest.spyOn(carrier, 'write');
    connection.sendBytes(['one', 'two']);
    expect(write.mock.calls).toEqual([['\x81\x06onetwo', 'latin1']]);
    const closed = once(client, 'close');
    socket.close();
    write.mockClear();
    connection.sendBytes(['late']);
    expect(write).not.toHaveBeenCalled();
    await closed;
    connection.abort();
  });

  /** A connection whose WebSocket the spec holds in its hands. */
  async function ownSocket() {
    const { server } = bench;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = bench.socket('/');
    const upgrade = (await once(server, 'upgrade')) as [IncomingMessage, Duplex, Buffer];
    const [, carrier] = upgrade;
    const socket = await new Promise<WebSocket>((resolve) =>
      new WebSocketServer({ noServer: true }).handleUpgrade(...upgrade, resolve),
    );
    const opening = { headers: {}, query: new URLSearchParams() };
    const settings = settle({ path: '/', accept: () => undefined });
    const facts = { connectionId: 'c', opening, user: undefined, settings, onGone: () => undefined };
    const connection = new WebSocketConnection(facts, false);
    connection.attach(socket, carrier);
    return { socket, carrier, connection, client };
  }
});

describe('bytes that are ready, over other transports', () => {
  it('are one event of an event stream', async () => {
    bench = await Bench.start();
    const stream = await bench.stream(await bench.token());
    bench.last.connection.sendBytes([latin1('ä\x1e'), 'b\x1e']);
    await until(() => stream.text.includes(`data: ${latin1('ä\x1eb\x1e')}\r\n\r\n`));
  });

  it('are part of what the next poll takes', async () => {
    bench = await Bench.start();
    const target = `/hub?id=${await bench.token()}`;
    await bench.ask('GET', target);
    bench.last.connection.sendBytes(['\x02\xff', 'b']);
    bench.last.connection.sendBytes(['c']);
    expect((await bench.ask('GET', target)).body).toBe('\x02\xffbc');
  });
});
