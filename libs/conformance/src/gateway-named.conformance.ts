import { expect, it } from '@jest/globals';
import { formatPosition, parseEventGuid } from '@ringback/contract';
import { randomUUID } from 'node:crypto';
import { delivered, deliveredData } from './client-deliveries.js';
import type { GatewayCluster } from './gateway-cluster.js';
import type { GatewayCapabilities, GatewayClient } from './gateway-harness.js';
import { waitFor } from './wait-for.js';

/** A subscriber who left and comes back to either node. */
const RETURNS: readonly (readonly [where: string, node: 0 | 1])[] = [
  ['the same node', 0],
  ['another node', 1],
];

/** Subscribers whose subscriptions outlast their connections. */
export function describeNamed(cluster: () => GatewayCluster, can: GatewayCapabilities): void {
  /** A named subscriber on the first node that is subscribed to an event of its own. */
  const subscribed = async (cookie = 'cookie') => {
    const [subscriberId, eventguid] = [`worker ${randomUUID()}`, randomUUID()];
    const client = await cluster().connect(0, { subscriberId });
    await client.subscribe(eventguid, cookie);
    return { subscriberId, eventguid, client };
  };

  const leave = async (client: GatewayClient, subscriberId: string) => {
    await client.close();
    await cluster().untilAway(subscriberId);
  };

  const untilAcknowledged = async (subscriberId: string, eventguid: string, position: string) => {
    await waitFor(async () => {
      const events = (await cluster().session(subscriberId))?.events;
      const event = events?.find((held) => held.eventguid === eventguid);
      return event?.acknowledged && formatPosition(event.acknowledged) === position;
    }, `the acknowledgement of ${position}`);
  };

  /** Shows that nothing else came: what is triggered now comes behind it. */
  const expectOnly = async (client: GatewayClient, eventguid: string, data: readonly string[]) => {
    await client.subscribe(eventguid, 'last');
    await cluster().trigger(eventguid, 'what comes last');
    expect(await deliveredData(client, data.length + 1)).toEqual([...data, 'what comes last']);
  };

  it.each(RETURNS)(
    'replays on %s what was missed up to a one-shot, and nothing after it',
    async (_, node) => {
      const { subscriberId, eventguid, client } = await subscribed('as it was made');
      await leave(client, subscriberId);
      const other = await cluster().connect(1);
      for (const data of ['one', 'two']) await other.trigger(eventguid, data);
      await other.trigger(eventguid, 'one-shot', { removeAfterSend: true });
      expect(await cluster().stored(eventguid)).toEqual([]);
      await other.trigger(eventguid, 'after the end');
      const back = await cluster().connect(node, { subscriberId });
      const replayed = [...(await delivered(back, 3))];
      expect(replayed.map(({ data }) => data)).toEqual(['one', 'two', 'one-shot']);
      expect(replayed.map(({ cookie }) => cookie)).toEqual(Array(3).fill('as it was made'));
      if (can.labels) expect(replayed.map(({ ended = false }) => ended)).toEqual([false, false, true]);
      await expectOnly(back, eventguid, ['one', 'two', 'one-shot']);
    },
  );

  it.each(RETURNS)('goes on, on %s, with what is new behind what was missed', async (_, node) => {
    const { subscriberId, eventguid, client } = await subscribed();
    await leave(client, subscriberId);
    const other = await cluster().connect();
    await other.trigger(eventguid, 'missed');
    const back = await cluster().connect(node, { subscriberId });
    await other.trigger(eventguid, 'new');
    expect(await deliveredData(back, 2)).toEqual(['missed', 'new']);
    expect(await cluster().stored(eventguid)).toMatchObject([{ cookie: 'cookie' }]);
  });

  it('delivers again what was not acknowledged before the link was cut', async () => {
    const { subscriberId, eventguid, client } = await subscribed();
    const other = await cluster().connect();
    await other.trigger(eventguid, 'one');
    await other.trigger(eventguid, 'one-shot', { removeAfterSend: true });
    await delivered(client, 2);
    client.destroy();
    await cluster().untilAway(subscriberId);
    for (const node of [1, 0] as const) {
      const back = await cluster().connect(node, { subscriberId });
      expect(await deliveredData(back, 2)).toEqual(['one', 'one-shot']);
      back.destroy();
      await cluster().untilAway(subscriberId);
    }
  });

  it.each(RETURNS)('does not deliver again, on %s, what was acknowledged', async (_, node) => {
    const { subscriberId, eventguid, client } = await subscribed();
    const other = await cluster().connect();
    for (const data of ['one', 'two', 'three']) await other.trigger(eventguid, data);
    const [, second] = await delivered(client, 3);
    const position = second?.position ?? '';
    await client.acknowledge?.(eventguid, position);
    await untilAcknowledged(subscriberId, eventguid, position);
    client.destroy();
    await cluster().untilAway(subscriberId);
    const back = await cluster().connect(node, { subscriberId });
    expect(await deliveredData(back, 1)).toEqual(['three']);
    await expectOnly(back, eventguid, ['three']);
  });

  it('keeps an acknowledgement that came just before the end of the connection', async () => {
    const { subscriberId, eventguid, client } = await subscribed();
    await cluster().trigger(eventguid, 'one');
    const [first] = await delivered(client, 1);
    await client.acknowledge?.(eventguid, first?.position ?? '');
    await client.close();
    await untilAcknowledged(subscriberId, eventguid, first?.position ?? '');
    await cluster().untilAway(subscriberId);
    const back = await cluster().connect(1, { subscriberId });
    await expectOnly(back, eventguid, []);
  });

  it('ends a session with the acknowledgement of the one-shot that ended its last subscription', async () => {
    const { subscriberId, eventguid, client } = await subscribed();
    const other = await cluster().connect();
    await other.trigger(eventguid, 'one-shot', { removeAfterSend: true });
    const [last] = await delivered(client, 1);
    await client.acknowledge?.(eventguid, last?.position ?? '');
    await waitFor(
      async () => (await cluster().session(subscriberId))?.events.length === 0,
      'a session that holds nothing',
    );
    await leave(client, subscriberId);
    expect(await cluster().session(subscriberId)).toBeUndefined();
    const back = await cluster().connect(1, { subscriberId });
    await expectOnly(back, eventguid, []);
  });

  it.each(RETURNS)('lets a newer connection on %s win, and tells the older', async (_, node) => {
    const { subscriberId, eventguid, client: older } = await subscribed();
    const newer = await cluster().connect(node, { subscriberId });
    await waitFor(() => older.closed, 'the end of the older connection');
    if (can.codes) expect(older.closedFor).toBe('session-taken-over');
    await cluster().trigger(eventguid, 'to the newer');
    expect(await delivered(newer, 1)).toMatchObject([{ cookie: 'cookie', data: 'to the newer' }]);
    expect(older.deliveries).toEqual([]);
    expect(newer.closed).toBe(false);
  });

  if (can.unsubscribes) {
    it('delivers nothing any more after an unsubscribe', async () => {
      const { subscriberId, eventguid, client } = await subscribed();
      await client.unsubscribe(eventguid);
      expect(await cluster().stored(eventguid)).toEqual([]);
      await leave(client, subscriberId);
      await cluster().trigger(eventguid, 'unheard');
      const back = await cluster().connect(1, { subscriberId });
      await expectOnly(back, eventguid, []);
    });

    it('takes an unsubscribe for the end of what a one-shot has ended, too', async () => {
      const { subscriberId, eventguid, client } = await subscribed();
      await leave(client, subscriberId);
      const other = await cluster().connect();
      await other.trigger(eventguid, 'one-shot', { removeAfterSend: true });
      const back = await cluster().connect(1, { subscriberId });
      expect(await deliveredData(back, 1)).toEqual(['one-shot']);
      await back.unsubscribe(eventguid);
      await leave(back, subscriberId);
      const again = await cluster().connect(0, { subscriberId });
      await expectOnly(again, eventguid, []);
    });
  }

  it('counts a named subscriber who is away among the subscribers of a trigger', async () => {
    const { subscriberId, eventguid, client } = await subscribed();
    await leave(client, subscriberId);
    const { subscribers } = await cluster()
      .hub(1)
      .trigger(
        { name: 'anybody' },
        { eventguid: parseEventGuid(eventguid), data: 'one-shot', removeAfterSend: true },
      );
    expect(subscribers).toBe(1);
  });
}
