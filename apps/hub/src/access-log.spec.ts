import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpTransportType, HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { waitFor } from '@ringback/conformance';
import { RecordingLog } from '@ringback/memory';
import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { readConfig } from './config.js';
import { HubNode } from './hub-node.js';

const never = new Promise<void>(() => {});
const TOKEN = 'token-of-the-shop-0123456789';
const forwarded = { 'X-Forwarded-For': '192.0.2.7' };

describe('the access log of a node', () => {
  const log = new RecordingLog();
  let node: HubNode;
  let socket: Socket | undefined;

  beforeAll(async () => {
    const environment = {
      PORT: '0',
      RINGBACK_SHUTDOWN_DELAY_MS: '0',
      RINGBACK_ACCESS_LOG: '1',
      RINGBACK_TRUSTED_PROXIES: 'loopback',
      RINGBACK_ACCESS_TOKENS: JSON.stringify([
        { token: TOKEN, name: 'shop', actions: ['subscribe', 'trigger', 'operate'] },
      ]),
    };
    node = await HubNode.start(readConfig(environment), log);
  });

  beforeEach(() => {
    log.lines.length = 0;
  });

  afterEach(() => {
    expect(JSON.stringify(log.lines)).not.toContain(TOKEN);
    socket?.disconnect();
    socket = undefined;
  });

  afterAll(() => node.stop(never));

  const of = (message: string) =>
    log.lines.filter((line) => line.message === message).map(({ fields }) => fields);

  function connect(options: object): Socket {
    return (socket = io(node.url, {
      reconnection: false,
      forceNew: true,
      transports: ['polling'],
      extraHeaders: forwarded,
      ...options,
    }));
  }

  function ask(method: string, path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(node.url + path, { method, headers: { ...forwarded, ...headers } });
  }

  it('has a line of a Socket.IO client that comes, and one of its end', async () => {
    const client = connect({ auth: { token: TOKEN } });
    await once(client as never, 'connect');
    const fields = {
      gateway: 'socketio',
      transport: 'long-polling',
      address: '192.0.2.7',
      identity: 'shop',
      connectionId: client.id,
    };
    expect(of('client connected')).toEqual([fields]);
    client.disconnect();
    await waitFor(() => of('client disconnected').length === 1, 'the line of the end');
    expect(of('client disconnected')).toEqual([
      { ...fields, reason: 'client', durationMs: expect.any(Number) },
    ]);
  });

  it('has a line of a SignalR client that comes, and one of its end', async () => {
    const client = new HubConnectionBuilder()
      .withUrl(`${node.url}/hub`, {
        accessTokenFactory: () => TOKEN,
        headers: forwarded,
        transport: HttpTransportType.WebSockets,
      })
      .configureLogging(LogLevel.None)
      .build();
    await client.start();
    await waitFor(() => of('client connected').length === 1, 'the line');
    const fields = { gateway: 'signalr', transport: 'websocket', address: '192.0.2.7', identity: 'shop' };
    expect(of('client connected')).toMatchObject([fields]);
    await client.stop();
    await waitFor(() => of('client disconnected').length === 1, 'the line of the end');
    expect(of('client disconnected')).toMatchObject([{ ...fields, reason: 'client' }]);
  });

  it('has a line of a stream that is opened, and one of its end', async () => {
    const gone = new AbortController();
    const url = `${node.url}/v1/stream?event=e&access_token=${TOKEN}`;
    await fetch(url, { headers: forwarded, signal: gone.signal });
    const fields = {
      gateway: 'sse',
      transport: 'server-sent-events',
      address: '192.0.2.7',
      identity: 'shop',
    };
    expect(of('client connected')).toMatchObject([fields]);
    gone.abort();
    await waitFor(() => of('client disconnected').length === 1, 'the line of the end');
    expect(of('client disconnected')).toMatchObject([{ ...fields, reason: 'client' }]);
  });

  it('has a line of each who is refused, with the code', async () => {
    await once(connect({ auth: { token: 'wrong' } }) as never, 'connect_error');
    await ask('POST', '/hub/negotiate?negotiateVersion=1', { authorization: 'Bearer wrong' });
    await ask('POST', '/v1/events/e/trigger', { authorization: 'Bearer wrong' });
    await ask('GET', '/socket.io/?EIO=4&transport=polling', { origin: 'https://elsewhere.example' });
    await ask('GET', '/v1/stream?event=e&access_token=wrong');
    const address = '192.0.2.7';
    expect(of('client refused')).toEqual([
      { gateway: 'socketio', code: 'unauthorized', transport: 'long-polling', address },
      { gateway: 'signalr', code: 'unauthorized', address },
      { gateway: 'http', code: 'unauthorized', address },
      { gateway: 'socketio', code: 'forbidden', address },
      { gateway: 'sse', code: 'unauthorized', transport: 'server-sent-events', address },
    ]);
  });

  it('has a line of what an operator does', async () => {
    const client = connect({ auth: { token: TOKEN } });
    await once(client as never, 'connect');
    const operator = { authorization: `Bearer ${TOKEN}` };
    const connectionId = client.id;
    const closed = once(client as never, 'disconnect');
    await ask('DELETE', `/v1/connections/${connectionId}`, operator);
    await closed;
    await ask('DELETE', '/v1/subscriptions?eventguid=e&subscriber=s', operator);
    const by = { identity: 'shop', address: '192.0.2.7' };
    expect(of('operator acted')).toEqual([
      { act: 'close-connection', connectionId, ...by },
      { act: 'end-subscription', eventguid: 'e', subscriber: 's', ...by, code: 'not-found' },
    ]);
    await waitFor(() => of('client disconnected').length === 1, 'the line of the end');
    expect(of('client disconnected')).toMatchObject([{ reason: 'closed-by-operator' }]);
  });
});
