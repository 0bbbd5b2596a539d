import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  HttpTransportType,
  HubConnectionBuilder,
  HubConnectionState,
  LogLevel,
  type HubConnection,
} from '@microsoft/signalr';
import type { WebSocket } from 'ws';
import { rawJson, rawMessagePack } from './hubs/testing/raw-protocols.js';
import {
  jsonProtocol,
  messagePackProtocol,
  SignalRServer,
  type HubContext,
  type SignalRHub,
} from './index.js';
import { Bench, until } from './transports/testing/bench.js';

const separator = '\u001e';
const handshake = (protocol: string) => JSON.stringify({ protocol, version: 1 }) + separator;
const call = (target: string, invocationId: string, ...args: unknown[]) => ({
  type: 1,
  target,
  arguments: args,
  invocationId,
});

let bench: Bench;
let server: SignalRServer;
let hub: SignalRHub;
let clients: HubConnection[];

const methods = {
  Echo: { args: 1, call: (_: HubContext, value: unknown) => value },
  Nothing: { call: () => undefined },
  Ask: { call: ({ clients: { caller } }: HubContext) => caller.invoke('Question') },
  Count: { stream: true, call: () => [1, null] },
  Leave: { call: (context: HubContext) => context.abort() },
};

beforeEach(async () => {
  clients = [];
  server = new SignalRServer({ protocols: [jsonProtocol, messagePackProtocol], log: { warn: () => {} } });
  hub = server.addHub('/hub', {
    methods,
    onConnected: (context) => context.groups.add(context.connectionId, 'g'),
  });
  bench = await Bench.start({ accept: (connection) => server.accept('/hub', connection) });
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.stop()));
  await server.drain(0);
  await bench.stop();
});

/** What comes out of a socket, frame by frame. */
function framesOf(socket: WebSocket): { readonly data: Buffer; readonly isBinary: boolean }[] {
  const frames: { readonly data: Buffer; readonly isBinary: boolean }[] = [];
  socket.on('message', (data: Buffer, isBinary) => frames.push({ data, isBinary }));
  return frames;
}

async function stock(withReconnect = true): Promise<HubConnection> {
  const builder = new HubConnectionBuilder()
    .withUrl(`http://127.0.0.1:${bench.port}/hub`, { transport: HttpTransportType.WebSockets })
    .configureLogging(LogLevel.None);
  const client = (withReconnect ? builder.withAutomaticReconnect([0, 0, 0]) : builder).build();
  clients.push(client);
  await client.start();
  await until(() => hub.connectionCount === clients.length);
  return client;
}

/** Everything that a hub says of its own accord and in answer. */
const everything = [
  call('Echo', '1', null),
  call('Nothing', '2'),
  call('Nope', '3'),
  call('Echo', '4'),
  { ...call('Count', '5'), type: 4 },
  { type: 6 },
  call('Ask', '6'),
];

describe('a frame, event or poll body holds whole messages, while inbound is a stream of bytes', () => {
  const inbound = handshake('json') + everything.map((message) => rawJson.write(message).toString()).join('');
  const isWhole = (text: string) => text.endsWith(separator) && rawJson.read(Buffer.from(text)).length > 0;
  const isAll = (texts: readonly string[]) => /"target":"Question"/.test(texts.join(''));

  it('over WebSockets', async () => {
    const socket = await bench.open(`/hub?id=${await bench.token()}`);
    const frames = framesOf(socket);
    for (const byte of inbound) socket.send(byte);
    await until(() => isAll(frames.map(({ data }) => data.toString())));
    expect(frames.every(({ data }) => isWhole(data.toString()))).toBe(true);
  });

  it('over Server-Sent Events, where nothing but data and comments is written', async () => {
    const token = await bench.token();
    const seen = await bench.raw(
      `GET /hub?id=${token} HTTP/1.0\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n`,
    );
    await until(() => seen.text.includes('\r\n:\r\n'));
    for (const part of inbound.match(/.{1,40}/gs) ?? [])
      await bench.ask('POST', `/hub?id=${token}`, {}, part);
    await until(() => isAll([seen.text]));
    const lines = seen.text.slice(seen.text.indexOf('\r\n\r\n') + 4).split('\r\n');
    const data = lines.filter((line) => line.startsWith('data: '));
    expect(lines.filter((line) => line !== '' && line !== ':')).toEqual(data);
    expect(data.every((line) => isWhole(line.slice('data: '.length)))).toBe(true);
  });

  it('over long polling', async () => {
    const target = `/hub?id=${await bench.token()}`;
    const bodies = [await bench.ask('GET', target)];
    for (const part of inbound.match(/.{1,40}/gs) ?? []) await bench.ask('POST', target, {}, part);
    while (!isAll(bodies.map(({ body }) => body))) bodies.push(await bench.ask('GET', target));
    expect(bodies[0]?.body).toBe('');
    expect(bodies.slice(1).every(({ body }) => isWhole(body))).toBe(true);
    await bench.ask('DELETE', target);
  });
});

describe('no optional field is null', () => {
  it('in what a hub says', async () => {
    const socket = await bench.open('/hub');
    const frames = framesOf(socket);
    socket.send(handshake('json') + everything.map((message) => rawJson.write(message).toString()).join(''));
    const messages = () => rawJson.read(Buffer.concat(frames.map(({ data }) => data)));
    await until(() => messages().some(({ target }) => target === 'Question'));
    await hub.clients.all.send('Told', null);
    await until(() => messages().some(({ target }) => target === 'Told'));
    const fields = messages().flatMap((message) => Object.entries(message));
    const nulls = fields.filter(([, value]) => value === null).map(([name]) => name);
    expect(nulls.toSorted()).toEqual(['item', 'result', 'result']);
  });

  it.each(['', 'negotiateVersion=0', 'negotiateVersion=1', 'negotiateVersion=x'])(
    'in the answer to negotiate?%s',
    async (query) => expect((await bench.ask('POST', `/hub/negotiate?${query}`)).body).not.toContain('null'),
  );
});

describe('a MessagePack client', () => {
  it('shakes hands in a text frame and leaves the ends of messages out', async () => {
    const socket = await bench.open('/hub');
    const frames = framesOf(socket);
    socket.send(handshake('messagepack'));
    socket.send(Buffer.from('0c9501 80 a130 a44563686f 9101'.replaceAll(' ', ''), 'hex'));
    await until(() => frames.length > 1);
    expect(frames.map(({ isBinary }) => isBinary)).toEqual([true, true]);
    expect(frames[0]?.data.toString()).toBe(`{}${separator}`);
    expect(rawMessagePack.read(frames[1]?.data ?? Buffer.of())).toEqual([
      { type: 3, invocationId: '0', result: 1 },
    ]);
    socket.send(Buffer.from('039207c0', 'hex'));
    await until(() => frames.length > 2);
    expect(frames[2]?.data).toEqual(Buffer.from('049307c0c2', 'hex'));
  });
});

describe('whether a client comes back', () => {
  it('is for Close to say: with allowReconnect it does, as a new connection without groups of the old', async () => {
    const client = await stock();
    const before = client.connectionId ?? '';
    await hub.groups.add(before, 'old');
    const told: unknown[] = [];
    client.on('Told', (name) => void told.push(name));
    hub.connection(before)?.leave(true);
    await until(() => client.state === HubConnectionState.Connected && client.connectionId !== before);
    await until(() => hub.connectionCount === 1);
    await hub.clients.group('old').send('Told', 'old');
    await hub.clients.group('g').send('Told', 'g');
    await until(() => told.length > 0);
    expect(told).toEqual(['g']);
  });

  it('is for Close to say: without allowReconnect it does not', async () => {
    const client = await stock();
    await client.send('Leave');
    await until(() => client.state === HubConnectionState.Disconnected);
    await until(() => hub.connectionCount === 0);
  });

  it('is not said by a closing with 1000, after which it does', async () => {
    const client = await stock();
    const before = client.connectionId ?? '';
    hub.connection(before)?.transport.close();
    await until(() => client.state === HubConnectionState.Connected && client.connectionId !== before);
  });
});
