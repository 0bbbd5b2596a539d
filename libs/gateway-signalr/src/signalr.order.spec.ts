import { HttpTransportType, type HubConnection } from '@microsoft/signalr';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { DEFAULT_LIMITS } from '@ringback/contract';
import { Hub, type SubscriptionStore } from '@ringback/core';
import { CountingMetrics, MemoryCluster, OpenAccess, SilentLog, SystemClock } from '@ringback/memory';
import { setTimeout as delay } from 'node:timers/promises';
import { callsOf, GatewayTestServer } from './testing/gateway-test-server.js';

const { WebSockets, LongPolling } = HttpTransportType;

/** How clients call: with an invocation id, or without. */
type Call = 'invoke' | 'send';

const HUBS = [
  { target: '/RealtimeEventPushHub', receive: 'ReceiveEvent', last: [] },
  { target: '/hub', receive: 'ReceiveEventWithMeta', last: [null] },
] as const;

const WAYS = HUBS.flatMap((hub) =>
  [WebSockets, LongPolling].flatMap((transport) =>
    (['invoke', 'send'] as const).map((call) => ({
      hub,
      transport,
      call,
      title: `${hub.target}, ${HttpTransportType[transport]}, ${call}`,
    })),
  ),
);

/** Takes a while for each change, so that what would overtake it does. */
function slow(store: SubscriptionStore): SubscriptionStore {
  return new Proxy(store, {
    get(all, name: keyof SubscriptionStore) {
      const value: unknown = all[name];
      if (typeof value !== 'function') return value;
      if (name !== 'put' && name !== 'remove') return value.bind(all) as unknown;
      return async (...args: unknown[]) => {
        await delay(5);
        return Reflect.apply(value, all, args) as unknown;
      };
    },
  });
}

describe('commands that a client sends without waiting', () => {
  let hub: Hub;
  let served: GatewayTestServer;

  beforeEach(async () => {
    const node = new MemoryCluster().node();
    const outside = {
      access: new OpenAccess(),
      clock: new SystemClock(),
      metrics: new CountingMetrics(),
      log: new SilentLog(),
    };
    const options = { nodeId: 'node-1', address: 'http://127.0.0.1:0', version: '0.0.0', leaseMs: 30_000 };
    hub = new Hub(
      { ...node, ...outside, subscriptions: slow(node.subscriptions) },
      { ...options, limits: DEFAULT_LIMITS },
    );
    await hub.start();
    served = await GatewayTestServer.start(hub);
  });

  afterEach(async () => {
    await served.close();
    await hub.drain();
  });

  async function start(way: (typeof WAYS)[number]) {
    const { target, receive, last } = way.hub;
    const client = served.client({ target, transport: way.transport });
    const received = callsOf(client, receive);
    await client.start();
    const subscribe = (eventguid: string, cookie: string): void =>
      callOf(client, way.call, 'SubscribeToEvent', eventguid, cookie, ...last);
    const trigger = (eventguid: string, data: string): void =>
      callOf(client, way.call, 'TriggerEvent', eventguid, data, false);
    return { received, subscribe, trigger };
  }

  function callOf(client: HubConnection, how: Call, method: string, ...args: unknown[]): void {
    client[how](method, ...args).catch((error: unknown) => expect(error).toBeUndefined());
  }

  it.each(WAYS)('take effect in order: $title', async (way) => {
    const { received, subscribe, trigger } = await start(way);
    const events = Array.from({ length: 10 }, (_, index) => `event ${index}`);
    for (const event of events) {
      subscribe(event, 'first');
      trigger(event, 'a');
      trigger(event, 'b');
      subscribe(event, 'second');
      trigger(event, 'c');
      subscribe(event, 'endsubscription');
      trigger(event, 'd');
    }
    subscribe('last', 'last');
    trigger('last', 'last');
    await waitFor(() => received.some(([event]) => event === 'last'), 'the last delivery');
    for (const event of events) {
      const got = received
        .filter(([eventguid]) => eventguid === event)
        .map(([, cookie, data]) => [cookie, data]);
      expect(got).toEqual([
        ['first', 'a'],
        ['first', 'b'],
        ['second', 'c'],
      ]);
    }
  });
});
