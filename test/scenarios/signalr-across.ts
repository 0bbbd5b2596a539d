import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { trigger } from '../support/http.js';
import type { World } from '../support/world.js';
import { EVENT_HUB, EXTENDED_HUB, SignalRClients, WAYS, WITHIN_MS } from './signalr-client.js';

const ROUNDS = 10;

/** A subscriber of some protocol: what it received, and the cookie it left. */
interface Subscriber {
  readonly cookie: string;
  readonly seen: () => readonly Seen[];
}

interface Seen {
  readonly cookie: unknown;
  readonly data: unknown;
  /** Absent where the protocol has no room for it. */
  readonly position?: string;
}

/** One event, any protocol: who triggers and who subscribes need not speak the same. */
export function describeSignalRAcross(world: () => World): void {
  describe('across protocols', () => {
    const signalR = new SignalRClients();

    afterEach(async () => {
      world().closeClients();
      await signalR.close();
    });

    const overSocketIo = async (eventguid: string): Promise<Subscriber> => {
      const client = await world().client();
      const cookie = 'of socketio';
      await client.subscribe(eventguid, cookie);
      const seen = () =>
        client
          .of(eventguid)
          .map(({ meta: { position }, ...rest }) => ({ cookie: rest.cookie, data: rest.data, position }));
      return { cookie, seen };
    };

    const overSignalR = async (eventguid: string, hub: string): Promise<Subscriber[]> => {
      const subscribed = WAYS.map(async ([transport, protocol]): Promise<Subscriber> => {
        const client = await signalR.connect({ url: world().url, hub, transport, protocol });
        const cookie = `of ${hub} ${transport} ${protocol}`;
        await client.subscribe(eventguid, cookie);
        return { cookie, seen: () => client.of(eventguid).map(seenOf) };
      });
      return Promise.all(subscribed);
    };

    it('a trigger by HTTP, Socket.IO or SignalR reaches subscribers of all, each with its cookie, in one order', async () => {
      const eventguid = 'across';
      const subscribers = [
        await overSocketIo(eventguid),
        ...(await overSignalR(eventguid, EVENT_HUB)),
        ...(await overSignalR(eventguid, EXTENDED_HUB)),
      ];
      const socketIo = await world().client(world().node(1).url);
      const plain = await signalR.connect({ url: world().node(2).url, protocol: 'messagepack' });
      const extended = await signalR.connect({ url: world().node(0).url, hub: EXTENDED_HUB });
      const positions: string[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        // Not one after the other: all agree on the order that came about.
        const answers = await Promise.all([
          trigger(world().node(round).url, eventguid, { data: `http ${round}` }),
          socketIo.trigger(eventguid, `socketio ${round}`),
          extended.trigger(eventguid, `rich ${round}`),
          plain.trigger(eventguid, `plain ${round}`),
        ]);
        for (const answer of answers) if (answer) positions.push(answer.position);
      }

      const count = 4 * ROUNDS;
      for (const { cookie, seen } of subscribers)
        await waitFor(() => seen().length >= count, `all deliveries ${cookie}`, WITHIN_MS);

      const [first] = subscribers;
      const inOrder = first!.seen();
      expect(new Set(inOrder.map(({ data }) => data)).size).toBe(count);
      expect(inOrder.map(({ position }) => position)).toEqual(expect.arrayContaining(positions));
      for (const { cookie, seen } of subscribers) {
        expect(seen().map(({ data }) => data)).toEqual(inOrder.map(({ data }) => data));
        expect(new Set(seen().map((one) => one.cookie))).toEqual(new Set([cookie]));
        const places = seen().flatMap(({ position }) => position ?? []);
        expect(places).toEqual(cookie.includes(EVENT_HUB) ? [] : inOrder.map(({ position }) => position));
      }
    });

    it('a one-shot by SignalR ends the subscriptions of every protocol, and is delivered to each once', async () => {
      const eventguid = 'across once';
      const subscribers = [
        await overSocketIo(eventguid),
        ...(await overSignalR(eventguid, EVENT_HUB)),
        ...(await overSignalR(eventguid, EXTENDED_HUB)),
      ];
      const extended = await signalR.connect({ url: world().url, hub: EXTENDED_HUB });

      const once = await extended.trigger(eventguid, 'last', { removeAfterSend: true });
      const after = await extended.trigger(eventguid, 'nobody hears this');

      expect([once.subscribers, after.subscribers]).toEqual([subscribers.length, 0]);
      for (const { cookie, seen } of subscribers)
        await waitFor(() => seen().length > 0, `the delivery ${cookie}`, WITHIN_MS);
      expect(subscribers.flatMap(({ seen }) => seen().map(({ data }) => data))).toEqual(
        subscribers.map(() => 'last'),
      );
    });
  });
}

function seenOf([, cookie, data, meta]: readonly unknown[]): Seen {
  if (meta === undefined) return { cookie, data };
  return { cookie, data, position: (meta as { readonly position: string }).position };
}
