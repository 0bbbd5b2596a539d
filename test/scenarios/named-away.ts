import { afterEach, describe, expect, it } from '@jest/globals';
import { connect } from '@ringback/client';
import { waitFor } from '@ringback/conformance';
import { subscriptions, trigger } from '../support/http.js';
import type { World } from '../support/world.js';
import { NamedClients } from './named-client.js';
import { isAway, namedSubscription, nameOf, session, sessionsAway } from './named-operator.js';

const TRIGGERS = 50;
/** The number of the trigger that is a one-shot. */
const ONE_SHOT = 25;

/** What a named subscriber gets who was away, was killed, or comes twice. */
export function describeNamedAway(world: () => World): void {
  describe('a named subscriber', () => {
    const clients = new NamedClients();
    const url = (index: number): string => world().node(index).url;

    /** Even ones to `often`, odd ones to `once`, where one of them is a one-shot. */
    const triggerAll = async (often: string, once: string): Promise<void> => {
      for (let number = 0; number < TRIGGERS; number++) {
        const body = { data: String(number), removeAfterSend: number === ONE_SHOT };
        await trigger(url(number), number % 2 === 0 ? often : once, body);
      }
    };
    const numbers = (parity: number, last: number): string[] =>
      Array.from({ length: TRIGGERS }, (_, number) => number)
        .filter((number) => number % 2 === parity && number <= last)
        .map(String);

    afterEach(() => clients.close());

    it(`gets on return exactly what of ${TRIGGERS} triggers was its own, in order, with its cookies, up to the one-shot`, async () => {
      const before = await clients.connect(url(0), { subscriberId: 'away' });
      await before.subscribe('away-often', 'cookie "often"');
      await before.subscribe('away-once', 'cookie ⌘ once');
      before.close();
      await waitFor(() => isAway(url(1), 'away'));
      await triggerAll('away-often', 'away-once');

      const returned = await clients.connect(url(2), { subscriberId: 'away' });
      await trigger(url(1), 'away-often', { data: 'live' });
      const often = await returned.hears('away-often', TRIGGERS / 2 + 1);
      const once = await returned.hears('away-once', numbers(1, ONE_SHOT).length);

      expect(often.map(({ data }) => data)).toEqual([...numbers(0, TRIGGERS), 'live']);
      expect(once.map(({ data }) => data)).toEqual(numbers(1, ONE_SHOT));
      expect(new Set(often.map(({ cookie }) => cookie))).toEqual(new Set(['cookie "often"']));
      expect(new Set(once.map(({ cookie }) => cookie))).toEqual(new Set(['cookie ⌘ once']));
      expect(once.map(({ meta }) => meta.ended)).toEqual([...once.slice(1).map(() => undefined), true]);
      expect(returned.received.every(({ meta }) => meta.recovered === undefined)).toBe(true);
      expect(await subscriptions(url(1), 'away-once')).toEqual([]);
    });

    it('gets again what it had not acknowledged when it was killed, and nothing that it had', async () => {
      const killed = await clients.connect(url(0), { subscriberId: 'killed' });
      await killed.subscribe('killed-event', 'c');
      for (let number = 1; number <= 6; number++)
        await trigger(url(number), 'killed-event', { data: `${number}`, removeAfterSend: number === 6 });
      const received = await killed.hears('killed-event', 6);
      await killed.acknowledge('killed-event', received[2]?.meta.position ?? '');
      killed.destroy();
      await waitFor(() => isAway(url(1), 'killed'));

      const returned = await clients.connect(url(1), { subscriberId: 'killed' });
      const again = await returned.hears('killed-event', 3);
      expect(again).toEqual(received.slice(3));
      await returned.acknowledge('killed-event', again[2]?.meta.position ?? '');
      returned.destroy();
      // Nothing is left that the session could hold: the one-shot was acknowledged.
      await waitFor(async () => (await session(url(2), 'killed')) === undefined, 'the end of the session');
    });

    it('is closed with replaced where a newer connection comes, does not come back, and the newer one goes on', async () => {
      const older = await clients.connect(url(0), { subscriberId: 'twice', reconnection: true });
      await older.subscribe('twice-event', 'c');
      await trigger(url(1), 'twice-event', { data: '1' });
      await older.hears('twice-event');

      const newer = await clients.connect(url(1), { subscriberId: 'twice' });
      await waitFor(() => older.disconnects.length > 0, 'the end of the older one');
      await newer.hears('twice-event');
      await trigger(url(2), 'twice-event', { data: '2' });
      await newer.hears('twice-event', 2);

      expect(older.closeReasons.map(({ name, code }) => ({ name, code }))).toEqual([
        { name: 'session-taken-over', code: 4502 },
      ]);
      expect(older.disconnects).toEqual(['io server disconnect']);
      expect(older.socket.active).toBe(false);
      expect(older.connections).toBe(1);
      expect(older.data('twice-event')).toEqual(['1']);
      expect(newer.data('twice-event')).toEqual(['1', '2']);
    });

    it('with the SDK, is closed for good by a newer one, which gets what was not acknowledged', async () => {
      const options = { subscriberId: 'sdk-twice', minDelayMs: 20, maxDelayMs: 100 };
      const older = await connect({ ...options, url: url(0), autoAcknowledge: false });
      // Which of two is the newer one is told by who takes the session last, a moment after it has connected.
      await waitFor(() => session(url(0), 'sdk-twice'), 'the session of the older one');
      const newer = await connect({ ...options, url: url(1), autoAcknowledge: false });
      const seen: string[] = [];
      try {
        let state = '';
        const reading = (async () => {
          for await (const status of older.status()) state = status.state;
        })();
        await waitFor(() => state === 'closed', 'the end of the older one');
        await reading;
        await newer.subscribe('sdk-twice-event', 'c', ({ data }) => seen.push(String(data)));
        await trigger(url(1), 'sdk-twice-event', { data: '1' });
        await waitFor(() => seen.length === 1);
        await expect(older.subscribe('sdk-twice-event', 'o', () => undefined)).rejects.toThrow();
      } finally {
        older.close();
        newer.close();
      }
      expect(seen).toEqual(['1']);
    });

    it('resumes each event when it subscribes, where it asks for that', async () => {
      const before = await clients.connect(url(0), { subscriberId: 'later' });
      await before.subscribe('later-event', 'before');
      await before.subscribe('later-other', 'other');
      before.close();
      await waitFor(() => isAway(url(1), 'later'));
      for (const data of ['1', '2']) await trigger(url(0), 'later-event', { data });
      await trigger(url(0), 'later-other', { data: 'o' });

      const returned = await clients.connect(url(1), { subscriberId: 'later', resume: 'on-subscribe' });
      const reply = await returned.subscribe('later-event', 'after');
      expect(reply).toMatchObject({ ok: true, recovered: true });
      expect(reply.resumed).toMatch(/:0$/);
      await trigger(url(2), 'later-event', { data: '3' });
      const received = await returned.hears('later-event', 3);
      expect(received.map(({ data }) => data)).toEqual(['1', '2', '3']);
      expect(received[2]?.cookie).toBe('after');
      expect(returned.of('later-other')).toEqual([]);
    });

    it('shows operators where it is, how far it has come, and what is pending', async () => {
      const client = await clients.connect(url(0), { subscriberId: 'shown' });
      const began = Date.now();
      await client.subscribe('shown-event', 'c');
      for (let number = 0; number < 5; number++) await trigger(url(number), 'shown-event');
      const received = await client.hears('shown-event', 5);
      const position = received[1]?.meta.position ?? '';
      await client.acknowledge('shown-event', position);

      await waitFor(
        async () => (await namedSubscription(url(1), 'shown-event', 'shown'))?.session?.pending === 3,
        '3 pending',
      );
      const held = await namedSubscription(url(1), 'shown-event', 'shown');
      expect(held?.session).toMatchObject({
        connectionId: client.socket.id,
        nodeId: world().node(0).nodeId,
        acknowledged: position,
      });
      expect(held?.session?.lastSeenAt).toBeGreaterThanOrEqual(began - 1_000);
      expect(await sessionsAway(url(1))).not.toContain(nameOf('shown'));

      client.close();
      await waitFor(() => isAway(url(1), 'shown'));
      for (let number = 0; number < 2; number++) await trigger(url(number), 'shown-event');
      const away = await namedSubscription(url(2), 'shown-event', 'shown');
      expect(away?.session).toMatchObject({ acknowledged: position, pending: 5 });
      expect(away?.session?.connectionId).toBeUndefined();
      expect(await sessionsAway(url(2))).toContain(nameOf('shown'));
      expect(await session(url(0), 'shown')).toMatchObject({
        events: [{ eventguid: 'shown-event', acknowledged: position }],
      });
    });
  });
}
