import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { metric, trigger } from '../support/http.js';
import type { World } from '../support/world.js';
import {
  SignalRClients,
  WITHIN_MS,
  type SignalRClient,
  type SignalRClientOptions,
} from './signalr-client.js';

/** 250 together. */
const SUBSCRIBERS: readonly (readonly [number, Omit<SignalRClientOptions, 'url'>])[] = [
  [120, { transport: 'WebSockets', protocol: 'json' }],
  [90, { transport: 'WebSockets', protocol: 'messagepack' }],
  [20, { transport: 'ServerSentEvents' }],
  [10, { transport: 'LongPolling', protocol: 'json' }],
  [10, { transport: 'LongPolling', protocol: 'messagepack' }],
];
const DEAD = 10;
const SILENT = 5;

/** Fills what lies between the hub and who does not read, and then its outbox. */
const LARGE_DATA = 'd'.repeat(60_000);
const LARGE_AT_ONCE = 8;
const MOST_LARGE = 800;

/** Each of the living has its delivery well before anybody is given up for not reading. */
const WITHOUT_DELAY_MS = 3_000;

/** MDriven's first use case, with 250 SignalR clients of all transports and both protocols. */
export function describeSignalRMultisender(world: () => World): void {
  describe('multisender over SignalR', () => {
    const clients = new SignalRClients();

    afterEach(() => clients.close());

    it('rings 250 subscribers on all nodes with one trigger, each with its own cookie, none twice', async () => {
      const subscribers = await subscribeAll('movement', SUBSCRIBERS);
      await waitFor(async () => {
        const held = world().nodes.map(({ url }) => metric(url, 'ringback_subscriptions'));
        return Math.min(...(await Promise.all(held))) > 25;
      }, 'subscriptions on all nodes');

      expect(await trigger(world().url, 'movement', { data: 'hall' })).toMatchObject({ subscribers: 250 });

      await waitFor(
        () => subscribers.every(({ received }) => received.length > 0),
        'all deliveries',
        WITHIN_MS,
      );
      await trigger(world().url, 'movement', { data: 'last', removeAfterSend: true });
      await waitFor(
        () => subscribers.every(({ received }) => received.length > 1),
        'the last ones',
        WITHIN_MS,
      );
      for (const [index, { received }] of subscribers.entries())
        expect(received).toEqual(['hall', 'last'].map((data) => ['movement', cookieOf(index), data]));
    });

    it('rings the others without delay while some are dead and some do not read', async () => {
      const living = await subscribeAll('motion', [
        [40, { transport: 'WebSockets' }],
        [5, { transport: 'ServerSentEvents' }],
        [5, { transport: 'LongPolling' }],
      ]);
      const others = await subscribeAll('motion', [[DEAD + SILENT, { protocol: 'messagepack' }]]);
      const silent = others.slice(DEAD);
      await Promise.all(silent.map((client) => client.subscribe('large', 'never read')));
      for (const client of silent) client.stall();
      for (const client of others.slice(0, DEAD)) client.destroy();
      const tookMs: number[] = [];
      for (let rung = 1; (await ringLarge()) > 0; rung++) {
        expect(rung * LARGE_AT_ONCE).toBeLessThan(MOST_LARGE);
        const began = performance.now();
        await trigger(world().node(rung).url, 'motion', { data: `${rung}` });
        await waitFor(
          () => living.every(({ received }) => received.length === rung),
          'the living',
          WITHIN_MS,
        );
        tookMs.push(performance.now() - began);
      }

      expect(await overrunsOf(world())).toBe(SILENT);
      expect(Math.max(...tookMs)).toBeLessThan(WITHOUT_DELAY_MS);
      await waitFor(
        async () => (await trigger(world().url, 'motion')).subscribers === living.length,
        'the end of the dead and the silent',
        WITHIN_MS,
      );
      for (const client of silent) client.destroy(); // else their closing waits for an answer that they would not read
    });

    /** Triggers more than anybody takes who does not read; answers how many are still subscribed. */
    async function ringLarge(): Promise<number> {
      const triggers = Array.from({ length: LARGE_AT_ONCE }, (_, index) =>
        trigger(world().node(index).url, 'large', { data: LARGE_DATA }),
      );
      return Math.min(...(await Promise.all(triggers)).map(({ subscribers }) => subscribers));
    }

    async function subscribeAll(
      eventguid: string,
      groups: readonly (readonly [number, Omit<SignalRClientOptions, 'url'>])[],
    ): Promise<SignalRClient[]> {
      const options = groups.flatMap(([count, each]) => Array.from({ length: count }, () => each));
      return Promise.all(
        options.map(async (each, index) => {
          const client = await clients.connect({ url: world().url, ...each });
          await client.subscribe(eventguid, cookieOf(index));
          return client;
        }),
      );
    }
  });
}

function cookieOf(index: number): string {
  return `Viewmodel=Light&RootId=${index}!`;
}

/** How many connections the nodes have closed because they did not read. */
async function overrunsOf({ nodes }: World): Promise<number> {
  const counts = await Promise.all(
    nodes.map(({ url }) =>
      metric(url, 'ringback_disconnections_total', '{gateway="signalr",reason="slow-consumer"}'),
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
