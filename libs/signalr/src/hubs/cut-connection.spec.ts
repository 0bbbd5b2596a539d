import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  HttpTransportType,
  HubConnectionBuilder,
  JsonHubProtocol,
  LogLevel,
  type HubConnection,
} from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import { jsonProtocol, messagePackProtocol } from '../protocols/index.js';
import { Bench, until } from '../transports/testing/bench.js';
import { SignalRServer, type SignalRHub } from './index.js';
import { CuttingProxy } from './testing/cutting-proxy.js';

let bench: Bench;
let proxy: CuttingProxy;
let server: SignalRServer;
let hub: SignalRHub;
let client: HubConnection;
let noted: number[];
let connects: number;

beforeEach(async () => {
  noted = [];
  connects = 0;
  server = new SignalRServer({ protocols: [jsonProtocol, messagePackProtocol] });
  hub = server.addHub('/hub', {
    methods: { Note: { args: 1, call: (_, value: number) => noted.push(value) } },
    onConnected: () => (connects += 1),
  });
  bench = await Bench.start({
    statefulReconnect: true,
    accept: (connection) => server.accept('/hub', connection),
  });
  proxy = await CuttingProxy.start(bench.port);
});

afterEach(async () => {
  await client.stop();
  await server.drain(0);
  await proxy.stop();
  await bench.stop();
});

const connect = async (protocol: JsonHubProtocol | MessagePackHubProtocol): Promise<number[]> => {
  client = new HubConnectionBuilder()
    .withUrl(`http://127.0.0.1:${proxy.port}/hub`, { transport: HttpTransportType.WebSockets })
    .withHubProtocol(protocol)
    .withStatefulReconnect()
    .configureLogging(LogLevel.None)
    .build();
  const told: number[] = [];
  client.on('Told', (value: number) => void told.push(value));
  await client.start();
  return told;
};

/** Both ways at once: `count` numbers to the client, and as many to the hub. */
const burst = async (from: number, count: number): Promise<void> => {
  const sends: Promise<unknown>[] = [];
  for (let value = from; value < from + count; value += 1) {
    sends.push(hub.clients.all.send('Told', value), client.invoke('Note', value));
    if (value % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(sends);
};

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('the released client with stateful reconnect, through a proxy that cuts', () => {
  it.each([
    ['json', new JsonHubProtocol()],
    ['messagepack', new MessagePackHubProtocol()],
  ] as const)('loses nothing and doubles nothing, over %s', async (_, protocol) => {
    const told = await connect(protocol);
    proxy.cutAfter('toClient', 2001);
    await burst(0, 300);
    proxy.cutAfter('toServer', 3003);
    await burst(300, 300);
    proxy.cutAfter('toClient', 1);
    await burst(600, 100);
    await until(() => told.length >= 700);
    expect(told).toEqual(numbers(700));
    expect(noted).toEqual(numbers(700));
    expect([proxy.cuts, connects]).toEqual([3, 1]);
  });
});
