import { expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { delivered, deliveredData } from './client-deliveries.js';
import type { GatewayCluster } from './gateway-cluster.js';
import type { GatewayCapabilities } from './gateway-harness.js';
import { STRANGE_COOKIES, STRANGE_EVENTGUIDS } from './strange-texts.js';
import { waitFor } from './wait-for.js';

const DATA_KINDS: readonly (readonly [unknown, string])[] = [
  ['text', 'text'],
  ['', ''],
  [undefined, ''],
  ['{"already":"JSON"}', '{"already":"JSON"}'],
  ['42', '42'],
  ['line\nbreak\r\n\tand\0nul', 'line\nbreak\r\n\tand\0nul'],
  ['🔔\u2028漢字', '🔔\u2028漢字'],
  [`quotes ' " \\`, `quotes ' " \\`],
];

const JSON_KINDS: readonly (readonly [unknown, string])[] = [
  [42, '42'],
  [0, '0'],
  [true, 'true'],
  [false, 'false'],
  [{ a: [1, 'x', null] }, '{"a":[1,"x",null]}'],
  [[], '[]'],
];

/** What arrives, where, and in which order. */
export function describeDelivery(cluster: () => GatewayCluster, can: GatewayCapabilities): void {
  it('delivers each subscriber its own cookie', async () => {
    const eventguid = randomUUID();
    const [first, second] = [await cluster().connect(), await cluster().connect()];
    await first.subscribe(eventguid, 'first');
    await second.subscribe(eventguid, 'second');
    await first.trigger(eventguid, 'data');
    const [mine] = await delivered(first, 1);
    const [theirs] = await delivered(second, 1);
    expect(mine).toMatchObject({ eventguid, cookie: 'first', data: 'data' });
    expect(theirs).toMatchObject({ eventguid, cookie: 'second', data: 'data' });
  });

  it('delivers on every node, whichever node the trigger came to', async () => {
    const eventguid = randomUUID();
    const [here, there] = [await cluster().connect(0), await cluster().connect(1)];
    await here.subscribe(eventguid, 'here');
    await there.subscribe(eventguid, 'there');
    await here.trigger(eventguid, 'from here');
    await there.trigger(eventguid, 'from there');
    expect(await deliveredData(here, 2)).toEqual(['from here', 'from there']);
    expect(await deliveredData(there, 2)).toEqual(['from here', 'from there']);
  });

  it('delivers one event in the order of its triggers', async () => {
    const eventguid = randomUUID();
    const [here, there] = [await cluster().connect(0), await cluster().connect(1)];
    await here.subscribe(eventguid, 'here');
    await there.subscribe(eventguid, 'there');
    const sent = Array.from({ length: 30 }, (_, index) => `number ${index}`);
    for (const [index, data] of sent.entries()) await (index % 2 ? here : there).trigger(eventguid, data);
    expect(await deliveredData(here, sent.length)).toEqual(sent);
    expect(await deliveredData(there, sent.length)).toEqual(sent);
  });

  it('delivers racing triggers to everybody in one and the same order, each once', async () => {
    const eventguid = randomUUID();
    const [here, there] = [await cluster().connect(0), await cluster().connect(1)];
    await here.subscribe(eventguid, 'here');
    await there.subscribe(eventguid, 'there');
    const sent = Array.from({ length: 60 }, (_, index) => `number ${index}`);
    await Promise.all(sent.map((data, index) => (index % 2 ? here : there).trigger(eventguid, data)));
    const arrived = await deliveredData(here, sent.length);
    expect([...arrived].sort()).toEqual([...sent].sort());
    expect(await deliveredData(there, sent.length)).toEqual(arrived);
  });

  it('delivers only the events that a client is subscribed to', async () => {
    const [mine, other] = [randomUUID(), randomUUID()];
    const client = await cluster().connect();
    const stranger = await cluster().connect();
    await client.subscribe(mine, 'cookie');
    await stranger.subscribe(other, 'cookie');
    await stranger.trigger(other, 'not for the first client');
    await stranger.trigger(mine, 'for the first client');
    expect(await deliveredData(client, 1)).toEqual(['for the first client']);
    expect(await deliveredData(stranger, 1)).toEqual(['not for the first client']);
  });

  it.each(DATA_KINDS)('delivers the text %j as %j', async (data, expected) => {
    const eventguid = randomUUID();
    const client = await cluster().connect();
    await client.subscribe(eventguid, 'cookie');
    await client.trigger(eventguid, data);
    expect(await deliveredData(client, 1)).toEqual([expected]);
  });

  it('delivers data of the greatest length whole', async () => {
    const eventguid = randomUUID();
    const client = await cluster().connect();
    await client.subscribe(eventguid, 'cookie');
    const data = '🔔'.repeat(cluster().hub(0).limits.dataBytes / 4);
    await client.trigger(eventguid, data);
    const [arrived] = await deliveredData(client, 1);
    expect(arrived === data).toBe(true);
  });

  it('delivers bytes as base64', async () => {
    const eventguid = randomUUID();
    const client = await cluster().connect();
    await client.subscribe(eventguid, 'cookie');
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await cluster().trigger(eventguid, bytes);
    const [delivery] = await delivered(client, 1);
    expect(delivery!.data).toBe(Buffer.from(bytes).toString('base64'));
    if (can.labels) expect(delivery!.encoding).toBe('base64');
  });

  it('keeps strange eventguids and cookies byte for byte', async () => {
    const client = await cluster().connect();
    const limit = cluster().hub(0).limits.subscriptionsPerConnection;
    const eventguids = STRANGE_EVENTGUIDS.slice(0, limit);
    const cookies = eventguids.map((_, index) => STRANGE_COOKIES[index % STRANGE_COOKIES.length]!);
    for (const [index, eventguid] of eventguids.entries()) await client.subscribe(eventguid, cookies[index]!);
    for (const eventguid of eventguids) await client.trigger(eventguid, eventguid);
    await waitFor(() => client.deliveries.length >= eventguids.length, 'a delivery of every strange event');
    // Order holds within one event only.
    const byEventguid = new Map(client.deliveries.map((delivery) => [delivery.eventguid, delivery]));
    for (const [index, eventguid] of eventguids.entries()) {
      expect(byEventguid.get(eventguid)).toMatchObject({ cookie: cookies[index], data: eventguid });
    }
    expect(client.deliveries).toHaveLength(eventguids.length);
  });

  if (can.untyped && can.triggers) {
    it.each(JSON_KINDS)('delivers %j as its JSON text %j', async (data, expected) => {
      const eventguid = randomUUID();
      const client = await cluster().connect();
      await client.subscribe(eventguid, 'cookie');
      await client.trigger(eventguid, data);
      expect(await deliveredData(client, 1)).toEqual([expected]);
    });
  }

  if (can.labels && can.triggerOptions) {
    it('delivers the type of a trigger, and none where there is none', async () => {
      const eventguid = randomUUID();
      const client = await cluster().connect();
      await client.subscribe(eventguid, 'cookie');
      await client.trigger(eventguid, 'typed', { type: 'order.paid' });
      await client.trigger(eventguid, 'untyped');
      const [typed, untyped] = await delivered(client, 2);
      expect(typed!.type).toBe('order.paid');
      expect(untyped!.type).toBeUndefined();
    });
  }

  if (can.triggerOptions) {
    it('delivers a trigger that is repeated with its key once', async () => {
      const eventguid = randomUUID();
      const client = await cluster().connect();
      await client.subscribe(eventguid, 'cookie');
      const first = await client.trigger(eventguid, 'once', { key: 'key' });
      const again = await client.trigger(eventguid, 'again', { key: 'key' });
      await client.trigger(eventguid, 'next');
      expect(await deliveredData(client, 2)).toEqual(['once', 'next']);
      expect(again).toEqual(first);
    });
  }

  if (can.positions) {
    it('delivers at the position that the trigger was answered with', async () => {
      const eventguid = randomUUID();
      const client = await cluster().connect();
      const { position: since } = await client.subscribe(eventguid, 'cookie');
      const replies = [await client.trigger(eventguid, 'one'), await client.trigger(eventguid, 'two')];
      const deliveries = await delivered(client, 2);
      expect(deliveries.map(({ position }) => position)).toEqual(replies.map(({ position }) => position));
      expect(new Set([since, ...replies.map(({ position }) => position)]).size).toBe(3);
    });
  }
}
