import {
  HttpTransportType,
  HubConnectionBuilder,
  JsonHubProtocol,
  LogLevel,
  type HubConnection,
  type IHubProtocol,
} from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_LIMITS, parseEventGuid, type Limits } from '@ringback/contract';
import { Hub } from '@ringback/core';
import { CountingMetrics, MemoryCluster, OpenAccess, SilentLog, SystemClock } from '@ringback/memory';
import { TcpProxy } from '../../../test/support/tcp-proxy.js';
import { GatewayTestServer } from './testing/gateway-test-server.js';

const EVENTS = '/RealtimeEventPushHub';
const EXTENDED = '/hub';
const AWAY_MS = 15_000;

/** Everything but the timers themselves: the network goes on. */
const REAL = [
  'Date',
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
] as const;

const WAYS = [
  ['the extended hub, json', EXTENDED, new JsonHubProtocol()],
  ['the extended hub, messagepack', EXTENDED, new MessagePackHubProtocol()],
  ['the event hub, json', EVENTS, new JsonHubProtocol()],
  ['the event hub, messagepack', EVENTS, new MessagePackHubProtocol()],
] as const;

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Waits without timers, which some tests fake. */
async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not in time: ${holds.toString()}`);
    await turn();
  }
}

const texts = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => String(from + index));

describe('SignalRGateway with stateful reconnect, through a proxy that cuts', () => {
  /** In the order in which they end: a proxy before the clients, who would wait for it. */
  const started: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    jest.useRealTimers();
    for (const stop of started.splice(0)) await stop();
  });

  async function start(limits: Partial<Limits> = {}) {
    const metrics = new CountingMetrics();
    const more = { access: new OpenAccess(), clock: new SystemClock(), log: new SilentLog(), metrics };
    const options = { nodeId: 'node-1', address: 'http://127.0.0.1:0', version: '0.0.0', leaseMs: 30_000 };
    const ports = { ...new MemoryCluster().node(), ...more };
    const hub = new Hub(ports, { ...options, limits: { ...DEFAULT_LIMITS, ...limits } });
    await hub.start();
    const served = await GatewayTestServer.start(hub);
    const proxy = await TcpProxy.start(served.url);
    started.push(
      () => proxy.close(),
      () => served.close(),
      () => hub.drain(),
    );
    return { hub, metrics, proxy };
  }

  /** A stock client that may come back, and the data of what it is delivered. */
  async function connect(proxy: TcpProxy, path: string, protocol: IHubProtocol = new JsonHubProtocol()) {
    const client = new HubConnectionBuilder()
      .withUrl(proxy.url + path, { transport: HttpTransportType.WebSockets })
      .withHubProtocol(protocol)
      .withStatefulReconnect()
      .configureLogging(LogLevel.None)
      .build();
    started.splice(1, 0, () => client.stop());
    const heard: [string, string][] = [];
    client.on(
      path === EXTENDED ? 'ReceiveEventWithMeta' : 'ReceiveEvent',
      (eventguid: string, _: string, data: string) => heard.push([eventguid, data]),
    );
    await client.start();
    return {
      client,
      of: (eventguid: string) => heard.filter(([at]) => at === eventguid).map(([, data]) => data),
    };
  }

  const subscribe = (client: HubConnection, path: string, eventguid: string) =>
    client.invoke('SubscribeToEvent', eventguid, 'cookie', ...(path === EXTENDED ? [null] : []));

  const trigger = (hub: Hub, eventguid: string, data: string) =>
    hub.trigger({ name: 'x' }, { eventguid: parseEventGuid(eventguid), data, removeAfterSend: false });

  it.each(WAYS)('loses and doubles no event and no command at %s', async (_, path, protocol) => {
    const { hub, metrics, proxy } = await start();
    const { client, of } = await connect(proxy, path, protocol);
    for (const eventguid of ['hub', 'client']) await subscribe(client, path, eventguid);
    const answers: Promise<unknown>[] = [];
    for (let from = 0; from < 200; from += 40) {
      for (const data of texts(from, from + 40)) {
        await trigger(hub, 'hub', data);
        answers.push(client.invoke('TriggerEvent', 'client', data, false));
        if (Number(data) % 7 === 0) await turn();
        if (data === String(from + 20 + from / 40)) proxy.cut();
      }
      await until(() => of('hub').length >= from + 40 && of('client').length >= from + 40);
    }
    await Promise.all(answers);
    expect(of('hub')).toEqual(texts(0, 200));
    expect(of('client').toSorted((a, b) => Number(a) - Number(b))).toEqual(texts(0, 200));
    expect([metrics.count('connected'), metrics.count('disconnected')]).toEqual([1, 0]);
  });

  it('gives up who never comes back after the time-out, and ends its subscription', async () => {
    const { hub, metrics, proxy } = await start();
    const { client } = await connect(proxy, EXTENDED);
    await subscribe(client, EXTENDED, 'guid');
    jest.useFakeTimers({ doNotFake: [...REAL] });
    proxy.pause();
    proxy.cut();
    let awayMs = 0;
    await until(() => {
      jest.advanceTimersByTime(500);
      awayMs += 500;
      return metrics.count('disconnected') > 0;
    });
    expect(awayMs).toBeGreaterThanOrEqual(AWAY_MS);
    await until(() => hub.figures().subscriptions === 0);
    expect((await trigger(hub, 'guid', 'late')).subscribers).toBe(0);
  });

  it('closes with slow-consumer who is away while more comes than its outbox may hold', async () => {
    const { hub, metrics, proxy } = await start({ outboxBytes: 64 * 1024 });
    const { client } = await connect(proxy, EXTENDED);
    await subscribe(client, EXTENDED, 'guid');
    proxy.pause();
    proxy.cut();
    const data = 'x'.repeat(8 * 1024);
    for (let count = 0; count < 7; count += 1) await trigger(hub, 'guid', data);
    for (let count = 0; count < 5; count += 1) await turn();
    expect(metrics.count('disconnected')).toBe(0);
    await trigger(hub, 'guid', data);
    await trigger(hub, 'guid', data);
    await until(() => metrics.count('disconnected', 'slow-consumer') === 1);
    await until(() => hub.figures().connections === 0);
  });
});
