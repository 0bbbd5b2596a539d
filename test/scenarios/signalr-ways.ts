import { afterEach, describe, expect, it } from '@jest/globals';
import { subscriptions, trigger } from '../support/http.js';
import type { World, WorldNode } from '../support/world.js';
import { EVENT_HUB, EXTENDED_HUB, SignalRClients, WAYS, type SignalRClient } from './signalr-client.js';

const TRIGGERS = 20;
const COOKIE = 'Viewmodel=Order&RootId="17" ✓!';
const TEXT = 'line\none "two" ☂ \u001e';

/** Stock SignalR clients behind a load balancer that sends each request to another node. */
export function describeSignalRWays(world: () => World): void {
  describe('a stock SignalR client without sticky sessions', () => {
    const clients = new SignalRClients();

    afterEach(() => clients.close());

    it.each(WAYS)(
      'over %s with %s is triggered from another node than its own, and gets three strings in order',
      async (transport, protocol) => {
        const eventguid = `way ${transport} ${protocol}`;
        const subscriber = await clients.connect({ url: world().url, transport, protocol });
        await subscriber.subscribe(eventguid, COOKIE);
        const { url } = notIts(world(), await holderOf(world(), eventguid));
        const triggering = await clients.connect({ url, transport, protocol });

        const all = Array.from({ length: TRIGGERS }, (_, number) => `${number} ${TEXT}`);
        for (const text of all) await triggering.trigger(eventguid, text);
        await triggering.trigger(eventguid);

        await subscriber.hears(eventguid, TRIGGERS + 1);
        expect(subscriber.received).toEqual([...all, ''].map((text) => [eventguid, COOKIE, text]));
        await subscriber.subscribe(eventguid, 'EndSubscription');
        expect(await subscriptions(world().url, eventguid)).toEqual([]);
      },
    );

    it.each(['json', 'messagepack'] as const)(
      'opens its WebSocket without negotiation, with %s',
      async (protocol) => {
        const eventguid = `unnegotiated ${protocol}`;
        const client = await clients.connect({ url: world().url, protocol, skipNegotiation: true });
        await expectRung(client, eventguid);
        expect(client.connection.connectionId).toBeNull();
      },
    );

    const paths = [
      '/realtimeeventpushhub',
      '/some/base/RealtimeEventPushHub',
      '//MDriven//REALTIMEEVENTPUSHHUB',
      '/old//Alias/',
    ];
    const transports = ['WebSockets', 'ServerSentEvents', 'LongPolling'] as const;
    it.each(paths.flatMap((hub) => transports.map((transport) => [hub, transport] as const)))(
      'finds the event hub at %s over %s',
      async (hub, transport) => {
        await expectRung(
          await clients.connect({ url: world().url, hub, transport }),
          `at ${hub} ${transport}`,
        );
      },
    );

    it.each([EVENT_HUB, EXTENDED_HUB])(
      'at %s has its WebSocket accepted by any node, and once only',
      async (hub) => {
        const [negotiating, first, second] = world().nodes.map(({ url }) => url) as [string, string, string];
        const token = encodeURIComponent(await negotiate(negotiating + hub));
        const at = (url: string) =>
          clients.connect({ url, hub: `${hub}?id=${token}`, skipNegotiation: true });

        const client = await at(first);

        await expectRung(client, `landed at ${hub}`);
        expect(await holderOf(world(), `landed at ${hub}`)).toBe(world().node(1).nodeId);
        for (const url of [negotiating, first, second]) await expect(at(url)).rejects.toThrow();
        expect(client.isConnected).toBe(true);
      },
    );

    async function expectRung(client: SignalRClient, eventguid: string): Promise<void> {
      await client.subscribe(eventguid, COOKIE);
      for (const { url } of world().nodes) await trigger(url, eventguid, { data: url });
      await client.hears(eventguid, world().nodes.length);
      expect(client.data(eventguid)).toEqual(world().nodes.map(({ url }) => url));
    }
  });
}

/** The node that holds the only subscription of an event. */
async function holderOf(world: World, eventguid: string): Promise<string> {
  const [only, ...more] = await subscriptions(world.url, eventguid);
  if (!only || more.length > 0) throw new Error(`${eventguid} has not one subscription`);
  return only.nodeId;
}

function notIts(world: World, nodeId: string): WorldNode {
  const other = world.nodes.find((node) => node.nodeId !== nodeId);
  if (!other) throw new Error('a world of one node');
  return other;
}

async function negotiate(hubUrl: string): Promise<string> {
  const response = await fetch(`${hubUrl}/negotiate?negotiateVersion=1`, { method: 'POST' });
  return ((await response.json()) as { readonly connectionToken: string }).connectionToken;
}
