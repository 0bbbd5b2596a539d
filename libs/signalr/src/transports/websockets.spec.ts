import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { WebSocket } from 'ws';
import { Bench, until } from './testing/bench.js';
import { ManualTimers } from './testing/manual-timers.js';

let bench: Bench;
afterEach(async () => bench.stop());

async function opened(options = {}): Promise<WebSocket> {
  bench = await Bench.start(options);
  return bench.open(`/hub?id=${await bench.token()}`);
}

describe('WebSockets', () => {
  it('attaches to the negotiated record', async () => {
    bench = await Bench.start();
    const { connectionId, connectionToken } = await bench.negotiate();
    const socket = await bench.open(`/hub?ID=${connectionToken}&tenant=7`);
    const { connection } = bench.last;
    expect(connection).toMatchObject({ connectionId, transport: 'WebSockets', needsPings: true });
    expect(connection.transferFormats).toEqual(['Text', 'Binary']);
    expect(connection.opening.query.get('tenant')).toBe('7');
    expect([socket.protocol, socket.extensions, bench.endpoint.negotiatedCount]).toEqual(['', '', 0]);
  });

  it('opens without an id for clients that skip negotiation', async () => {
    bench = await Bench.start();
    await bench.open('/Hub');
    expect(bench.last.connection.connectionId).toMatch(/^[\w-]{22}$/);
  });

  it('takes frames of both kinds as one stream of bytes, invalid text included', async () => {
    const socket = await opened();
    socket.send('ab');
    socket.send(Buffer.from('cd'));
    socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    await until(() => bench.last.inbound === 'abcd\xff\xfe');
  });

  it.each([
    ['Text', false],
    ['Binary', true],
  ] as const)('writes %s as frames of that kind, one for each write', async (format, binary) => {
    const socket = await opened();
    const frames: [string, boolean][] = [];
    socket.on('message', (data: Buffer, isBinary) => frames.push([data.toString(), isBinary]));
    bench.last.connection.setFormat(format);
    bench.last.connection.send(['one', Buffer.from('two')]);
    bench.last.connection.send([Buffer.from('three')]);
    bench.last.connection.send([]);
    await until(() => frames.length === 2);
    expect(frames).toEqual([
      ['onetwo', binary],
      ['three', binary],
    ]);
  });

  it.each([
    [undefined, 1000],
    [new Error('failed'), 1011],
  ] as const)('closes for %s with %i and no reason, after what was sent', async (error, expected) => {
    const socket = await opened();
    const messages: string[] = [];
    socket.on('message', (data: Buffer) => messages.push(data.toString()));
    bench.last.connection.send(['last']);
    bench.last.connection.close(error);
    bench.last.connection.send(['too late']);
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    expect([code, reason.toString(), messages]).toEqual([expected, '', ['last']]);
    await until(() => bench.last.ended);
  });

  it.each([
    ['without a code', undefined, undefined],
    ['with 1000', 1000, undefined],
    ['with 1001', 1001, undefined],
    ['with 4000', 4000, 'The client closed the socket with code 4000.'],
  ])('knows how a client leaves %s', async (_title, code, message) => {
    const socket = await opened();
    socket.close(code);
    await until(() => bench.last.ended);
    expect(bench.last.error?.message).toBe(message);
    expect(bench.endpoint.connectionCount).toBe(0);
  });

  it.each([
    [undefined, 1000],
    [1000, 1000],
    [4001, 4001],
  ])('answers a close frame with code %s by %i', async (code, answered) => {
    const socket = await opened();
    const closed = once(socket, 'close') as Promise<[number]>;
    socket.close(code);
    expect((await closed)[0]).toBe(answered);
  });

  it('ends with an error when the socket is lost', async () => {
    const socket = await opened();
    socket.terminate();
    await until(() => bench.last.ended);
    expect(bench.last.error?.message).toBe('The socket was lost.');
  });

  it('waits 5 seconds for the other side to close, then ends', async () => {
    const timers = new ManualTimers();
    const socket = await opened({ timers });
    socket.pause();
    bench.last.connection.close();
    timers.advance(4_999);
    await Promise.resolve();
    expect(bench.last.ended).toBe(false);
    timers.advance(1);
    await until(() => bench.last.ended);
  });

  it('ends a connection whose socket takes nothing for 10 seconds', async () => {
    const timers = new ManualTimers();
    const socket = await opened({ timers, maxBufferedBytes: 2 ** 30 });
    socket.pause();
    bench.last.connection.send(['x'.repeat(2 ** 25)]);
    expect(bench.last.connection.bufferedBytes).toBeGreaterThan(0);
    timers.advance(9_999);
    await Promise.resolve();
    expect(bench.last.ended).toBe(false);
    timers.advance(1);
    await until(() => bench.last.ended);
    expect(bench.last.error?.message).toBe('A send took too long.');
  });

  it('aborts at once, and says so only after the call', async () => {
    await opened();
    bench.last.connection.abort();
    expect(bench.last.ended).toBe(false);
    await until(() => bench.last.ended);
    bench.last.connection.send(['nobody']);
    bench.last.connection.close();
    expect(bench.endpoint.connectionCount).toBe(0);
  });

  it.each([
    ['a frame that is too long', (socket: WebSocket) => socket.send('x'.repeat(101))],
    ['a broken frame', (socket: WebSocket) => rawSocket(socket).write(Buffer.from([0xff, 0xff, 1, 2]))],
  ])('ends for %s and touches no other connection', async (_title, misbehave) => {
    const socket = await opened({ maxInboundBytes: 100 });
    const other = await bench.open('/hub');
    socket.on('error', () => undefined);
    misbehave(socket);
    await until(() => bench.seen[0]?.ended === true);
    expect(bench.seen[0]?.error).toBeInstanceOf(Error);
    other.send('fine');
    await until(() => bench.last.inbound === 'fine');
  });
});

function rawSocket(socket: WebSocket): NodeJS.WritableStream {
  return (socket as unknown as { readonly _socket: NodeJS.WritableStream })._socket;
}
