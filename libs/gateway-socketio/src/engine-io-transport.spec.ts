import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Socket, type AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { WebSocket } from 'ws';
import { EngineIoTransport, type EngineConnection } from './engine-io-transport.js';

const LIMIT = 1024;

type Double = EngineConnection & {
  readonly written: unknown[][];
  emit(event: string, argument?: unknown): void;
};

/** A connection of Engine.IO whose insides the spec decides. */
function connectionOf(transport: object, state: object = {}): Double {
  const listeners = new Map<string, (argument?: unknown) => void>();
  const written: unknown[][] = [];
  return {
    readyState: 'open',
    writeBuffer: [],
    transport: { on: () => {}, ...transport },
    written,
    write: (...packet: unknown[]) => written.push(packet),
    close: () => {},
    on: (event: string, listener: (argument?: unknown) => void) => listeners.set(event, listener),
    emit: (event: string, argument?: unknown) => listeners.get(event)?.(argument),
    ...state,
  } as unknown as Double;
}

/** What `ws` has inside, with a TCP socket that only remembers. */
function webSocket(changes: object = {}) {
  const _socket = new Socket();
  const write = jest.spyOn(_socket, 'write').mockReturnValue(true);
  const socket = { readyState: 1, extensions: '', _socket, _sender: { sendFrame() {} }, on() {}, ...changes };
  return { transport: { name: 'websocket', socket }, write };
}

describe('EngineIoTransport', () => {
  it('writes all frames to the TCP socket at once', () => {
    const { transport, write } = webSocket();
    new EngineIoTransport(connectionOf(transport), LIMIT).write(['4a', '4bc']);
    expect(write.mock.calls).toEqual([['\x81\x024a\x81\x034bc', 'latin1']]);
  });

  it.each([
    ['Engine.IO holds packets that go first', { writeBuffer: [{}] }, {}],
    ['the connection is closing', { readyState: 'closing' }, {}],
    ['the WebSocket is closing', {}, { readyState: 2 }],
  ])('hands frames to Engine.IO in one packet while %s', (_, state, changes) => {
    const { transport, write } = webSocket(changes);
    const conn = connectionOf(transport, state);
    new EngineIoTransport(conn, LIMIT).write(['4a', '4bc']);
    expect(conn.written).toEqual([
      ['', { wsPreEncodedFrame: [Buffer.from('\x81\x024a\x81\x034bc', 'latin1')] }],
    ]);
    expect(write).not.toHaveBeenCalled();
  });

  it.each([
    ['polls', { name: 'polling' }],
    ['compresses', webSocket({ extensions: 'permessage-deflate' }).transport],
    ['has another socket inside', webSocket({ _socket: {} }).transport],
    ['has no socket inside', webSocket({ _socket: null }).transport],
    ['has another sender inside', webSocket({ _sender: {} }).transport],
  ])('takes the published way where the transport %s', (_, transport) => {
    const conn = connectionOf(transport);
    const link = new EngineIoTransport(conn, LIMIT);
    link.write(['42["\xc3\xa9"]', '4b']);
    expect(conn.written).toEqual([['2["é"]'], ['b']]);
    expect(link.direct).toBe(false);
  });

  it('goes over to the TCP socket of the transport after an upgrade', () => {
    const conn = connectionOf({ name: 'polling' });
    const link = new EngineIoTransport(conn, LIMIT);
    const { transport, write } = webSocket();
    Object.assign(conn.transport, transport);
    conn.emit('upgrade');
    link.write(['4a']);
    expect(write).toHaveBeenCalledTimes(1);
  });

  it('counts what Engine.IO holds until it is flushed', () => {
    const conn = connectionOf({ name: 'polling' });
    const link = new EngineIoTransport(conn, LIMIT);
    conn.emit('packetCreate', { data: 'abc' });
    conn.emit('packetCreate', { options: { wsPreEncodedFrame: [Buffer.alloc(10)] } });
    conn.emit('packetCreate', {});
    expect(link.bufferedBytes).toBe(13);
    conn.emit('flush');
    expect(link.bufferedBytes).toBe(0);
  });

  it('reports who sends on while more waits for it than the limit', () => {
    const conn = connectionOf({ name: 'polling' });
    const link = new EngineIoTransport(conn, LIMIT);
    const onOverflow = jest.fn();
    link.owner = { connectionId: 'c', onOverflow };
    conn.emit('packetCreate', { data: 'x'.repeat(LIMIT) });
    conn.emit('packet');
    expect(onOverflow).not.toHaveBeenCalled();
    conn.emit('packetCreate', { data: 'x' });
    conn.emit('packet');
    expect(onOverflow).toHaveBeenCalledTimes(1);
  });
});

describe('EngineIoTransport on the real Engine.IO and ws', () => {
  let io: Server;
  let client: WebSocket;
  let conn: EngineConnection;
  let link: EngineIoTransport;
  let received: string[];

  beforeEach(async () => {
    const http = createServer();
    io = new Server(http, { perMessageDeflate: false, pingInterval: 50 });
    const linked = new Promise<void>((resolve) => {
      io.engine.on('connection', (socket: unknown) => {
        conn = socket as EngineConnection;
        link = new EngineIoTransport(conn, LIMIT);
        resolve();
      });
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/socket.io/?EIO=4&transport=websocket`;
    client = new WebSocket(url);
    received = [];
    client.on('message', (data: Buffer) => received.push(data.toString()));
    await linked;
  });

  afterEach(async () => {
    client.terminate();
    await io.close();
  });

  // Fails when another version of engine.io or ws looks different inside: then deliveries would take the slow way, or none.
  it('finds the insides that it wants, and keeps the order with what Engine.IO writes', async () => {
    expect(link.direct).toBe(true);
    const expected: string[] = [];
    for (let round = 0; round < 50; round++) {
      conn.write(`engine ${round}`);
      link.write([`4direct ${round}`, `4${'x'.repeat(round * 2000)}`]);
      expected.push(`4engine ${round}`, `4direct ${round}`, `4${'x'.repeat(round * 2000)}`);
    }
    expect(link.bufferedBytes).toBeGreaterThan(0);
    await waitFor(() => received.length > expected.length, 'every message');
    expect(received.filter((message) => message.startsWith('4'))).toEqual(expected);
    await waitFor(() => link.bufferedBytes === 0, 'an empty buffer');
    await waitFor(() => received.includes('2'), 'a ping of Engine.IO');
  });

  it('gives what Engine.IO has buffered to the system in one write', async () => {
    await waitFor(() => link.bufferedBytes === 0, 'an empty buffer');
    const tcp = conn.transport.socket?._socket as Socket & { _writev(...args: unknown[]): void };
    const write = jest.spyOn(tcp, '_writev');
    const expected = Array.from({ length: 50 }, (_, index) => `4${index}`);
    for (const message of expected) conn.write(message.slice(1));
    const messages = (): string[] => received.filter((message) => message.startsWith('4'));
    await waitFor(() => messages().length === 50, 'every message');
    expect(messages()).toEqual(expected);
    expect(write.mock.calls.length).toBeLessThan(5); // the first by itself, the rest together, a ping
  });
});
