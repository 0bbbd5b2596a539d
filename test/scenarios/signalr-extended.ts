import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { subscriptions, trigger } from '../support/http.js';
import type { World } from '../support/world.js';
import { isAway, namedSubscription } from './named-operator.js';
import { EXTENDED_HUB, SignalRClients, WAYS, WITHIN_MS, type SignalRClient } from './signalr-client.js';

const NAMED_WAYS = WAYS.map(([transport, protocol]) => ({ transport, protocol }));

/** What clients of SignalR get at the extended hub that MDriven's has no words for. */
export function describeSignalRExtended(world: () => World): void {
  describe('the extended hub', () => {
    const clients = new SignalRClients();
    const url = (index: number): string => world().node(index).url;

    afterEach(() => clients.close());

    it.each(WAYS)(
      'over %s with %s tells positions, and who returns with one gets what it missed',
      async (transport, protocol) => {
        const eventguid = `missed ${transport} ${protocol}`;
        const before = await clients.connect({ url: world().url, hub: EXTENDED_HUB, transport, protocol });
        const first = await before.subscribe(eventguid, 'before');
        const heard = await triggered(eventguid, ['1', '2']);
        await before.hears(eventguid, 2);
        expect(before.positions(eventguid)).toEqual(heard);
        await before.close();
        await waitFor(
          async () => (await subscriptions(url(0), eventguid)).length === 0,
          'the end',
          WITHIN_MS,
        );
        const missed = await triggered(eventguid, ['3', '4', '5']);

        const returned = await clients.connect({ url: world().url, hub: EXTENDED_HUB, transport, protocol });
        const reply = await returned.subscribe(eventguid, 'after', { after: heard[1] });
        const live = await triggered(eventguid, ['6']);

        await returned.hears(eventguid, 4);
        expect(first).toMatchObject({ ok: true, position: expect.stringMatching(/:0$/) });
        expect(reply).toMatchObject({ ok: true, recovered: true });
        expect(returned.data(eventguid)).toEqual(['3', '4', '5', '6']);
        expect(returned.positions(eventguid)).toEqual([...missed, ...live]);
        expect(new Set(returned.received.map(([, cookie]) => cookie))).toEqual(new Set(['after']));
      },
    );

    it.each(NAMED_WAYS)(
      'brings a named subscriber over $transport with $protocol what it had not acknowledged',
      async (way) => {
        const name = `${way.transport}-${way.protocol}`;
        const eventguid = `named ${name}`;
        const away = await named(name, 0, way);
        await away.subscribe(eventguid, 'its cookie');
        await triggered(eventguid, ['1', '2', '3']);
        await away.hears(eventguid, 3);
        await away.acknowledge(eventguid, away.positions(eventguid)[1] ?? '');
        await away.close();
        await waitFor(() => isAway(url(1), name), 'away', WITHIN_MS);
        await triggered(eventguid, ['4', '5']);

        const returned = await named(name, 2, way);

        await returned.hears(eventguid, 3);
        expect(returned.data(eventguid)).toEqual(['3', '4', '5']);
        expect(new Set(returned.received.map(([, cookie]) => cookie))).toEqual(new Set(['its cookie']));
        await returned.acknowledge(eventguid, returned.positions(eventguid)[2] ?? '');
        await waitFor(
          async () => (await namedSubscription(url(0), eventguid, name))?.session?.pending === 0,
          'nothing pending',
          WITHIN_MS,
        );
      },
    );

    it('answers a trigger with a receipt that counts the deliveries on all nodes', async () => {
      const eventguid = 'receipt';
      const subscribers = await Promise.all(
        WAYS.flatMap(([transport, protocol]) =>
          world().nodes.map((node) =>
            clients.connect({ url: node.url, hub: EXTENDED_HUB, transport, protocol }),
          ),
        ),
      );
      await Promise.all(subscribers.map((client, index) => client.subscribe(eventguid, `${index}`)));
      const triggering = await clients.connect({ url: world().url, hub: EXTENDED_HUB });

      const options = { wait: 'delivered', key: 'only once' };
      const answer = await triggering.trigger(eventguid, 'd', options);
      const again = await triggering.trigger(eventguid, 'd', { key: 'only once' });

      expect(answer).toMatchObject({
        subscribers: subscribers.length,
        receipt: { delivered: subscribers.length, queued: 0, dropped: 0, complete: true },
      });
      expect(again.position).toBe(answer.position);
      await Promise.all(subscribers.map((client) => client.hears(eventguid)));
      expect(subscribers.flatMap((client) => client.positions(eventguid))).toEqual(
        subscribers.map(() => answer.position),
      );
    });

    it.each(NAMED_WAYS)(
      'tells a named subscriber over $transport with $protocol that it is replaced, which does not come back',
      async (way) => {
        const name = `twice-${way.transport}-${way.protocol}`;
        const older = await named(name, 0, { ...way, reconnects: true });
        await older.subscribe(name, 'c');

        const newer = await named(name, 1, way);
        await waitFor(() => older.closed, 'the end of the older one', WITHIN_MS);
        await triggered(name, ['1']);
        await newer.hears(name);

        expect(older.closeReasons).toEqual([
          expect.objectContaining({ name: 'session-taken-over', code: 4502 }),
        ]);
        expect(older.reconnections).toBe(0);
        expect(older.received).toEqual([]);
        expect(newer.data(name)).toEqual(['1']);
      },
    );

    /** Triggers on one node after the other; answers the positions. */
    async function triggered(eventguid: string, texts: readonly string[]): Promise<string[]> {
      const positions: string[] = [];
      for (const [index, data] of texts.entries())
        positions.push((await trigger(url(index), eventguid, { data })).position);
      return positions;
    }

    function named(
      subscriberId: string,
      index: number,
      options: Omit<Parameters<SignalRClients['connect']>[0], 'url' | 'hub'>,
    ): Promise<SignalRClient> {
      return clients.connect({
        url: url(index),
        hub: `${EXTENDED_HUB}?subscriberId=${subscriberId}`,
        ...options,
      });
    }
  });
}
