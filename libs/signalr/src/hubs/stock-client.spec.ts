import { afterEach, describe, expect, it } from '@jest/globals';
import {
  HttpTransportType,
  HubConnectionBuilder,
  JsonHubProtocol,
  LogLevel,
  Subject,
  type HubConnection,
} from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import { jsonProtocol, messagePackProtocol } from '../protocols/index.js';
import { Bench } from '../transports/testing/bench.js';
import { SignalRServer, type HubContext } from './index.js';

let bench: Bench;
let client: HubConnection;
let server: SignalRServer;
afterEach(async () => {
  await client.stop();
  await server.drain(0);
  await bench.stop();
});

const join = async (_: HubContext, items: AsyncIterable<string>): Promise<string> => {
  let all = '';
  for await (const item of items) all += item;
  return all;
};

const methods = {
  Echo: { args: 1, call: (_: HubContext, value: unknown) => value },
  Join: { uploads: 1, call: join },
  Count: {
    args: 1,
    stream: true,
    call: (_: HubContext, to: number) => Array.from({ length: to }, (_, index) => index),
  },
  Ask: { call: (context: HubContext) => context.clients.caller.invoke('Question', 20) },
  Tell: {
    call: async (context: HubContext) => {
      await context.groups.add(context.connectionId, 'g');
      await context.clients.group('g').send('Told', 'a', null);
    },
  },
};

const start = async (transport: HttpTransportType, protocol: JsonHubProtocol | MessagePackHubProtocol) => {
  server = new SignalRServer({ protocols: [jsonProtocol, messagePackProtocol] });
  server.addHub('/hub', { methods });
  bench = await Bench.start({ accept: (connection) => server.accept('/hub', connection) });
  client = new HubConnectionBuilder()
    .withUrl(`http://127.0.0.1:${bench.port}/hub`, { transport, accessTokenFactory: () => 'good' })
    .withHubProtocol(protocol)
    .configureLogging(LogLevel.None)
    .build();
  await client.start();
};

const items = (target: string, ...args: unknown[]): Promise<unknown[]> =>
  new Promise((resolve, reject) => {
    const all: unknown[] = [];
    const next = (value: unknown): void => void all.push(value);
    client.stream(target, ...args).subscribe({ next, error: reject, complete: () => resolve(all) });
  });

const { WebSockets, ServerSentEvents, LongPolling } = HttpTransportType;

describe('the released client', () => {
  it.each([
    ['WebSockets, json', WebSockets, new JsonHubProtocol()],
    ['WebSockets, messagepack', WebSockets, new MessagePackHubProtocol()],
    ['ServerSentEvents, json', ServerSentEvents, new JsonHubProtocol()],
    ['LongPolling, json', LongPolling, new JsonHubProtocol()],
    ['LongPolling, messagepack', LongPolling, new MessagePackHubProtocol()],
  ] as const)('calls, streams both ways, answers and is told, over %s', async (_, transport, protocol) => {
    await start(transport, protocol);
    const told = new Promise((resolve) => client.on('told', (...args) => resolve(args)));
    client.on('question', (value: number) => value + 1);
    const subject = new Subject<string>();
    const joined = client.invoke('join', subject);
    for (const letter of 'abc') subject.next(letter);
    subject.complete();
    expect(await joined).toBe('abc');
    expect(await client.invoke('echo', { a: [1, 'ä', null] })).toEqual({ a: [1, 'ä', null] });
    expect(await items('count', 25)).toHaveLength(25);
    expect(await client.invoke('ask')).toBe(21);
    await client.invoke('tell');
    expect(await told).toEqual(['a', null]);
    await expect(client.invoke('nope')).rejects.toThrow(
      "Failed to invoke 'nope' due to an error on the server. HubException: Method does not exist.",
    );
  });
});
