import { formatPosition } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Setting, type Told } from '../test/setting.js';
import type { ClientOptions } from './client-options.js';
import type { Presence } from './index.js';
import { CutTransport } from './testing/cut-transport.js';
import { MemoryNodes } from './testing/memory-nodes.js';

/** The SDK against real nodes. */
let nodes: MemoryNodes;
const setting = new Setting();

beforeEach(async () => {
  nodes = await MemoryNodes.start();
});

afterEach(async () => {
  await setting.close();
  await nodes.close();
});

const subscriberId = 'invoices';

async function connected(options: Partial<ClientOptions> = {}, node: 0 | 1 = 0): Promise<Told> {
  const told = setting.client({ url: nodes.url(node) }, options);
  await told.client.connect();
  return told;
}

/** A named client whose links can be cut. */
async function cuttable(node: 0 | 1 = 0) {
  const transport = new CutTransport({ url: nodes.url(node), subscriberId });
  return { transport, ...(await connected({ transport, subscriberId }, node)) };
}

/** Leaves the hub as a program that has ended. */
async function leave({ client }: Told): Promise<void> {
  client.close();
  await waitFor(async () => {
    const session = await nodes.session(subscriberId);
    return session?.holder === undefined;
  });
}

async function untilAcknowledged(eventguid: string, offset: number): Promise<void> {
  await waitFor(async () => {
    const events = (await nodes.session(subscriberId))?.events;
    const position = events?.find((event) => event.eventguid === eventguid)?.acknowledged;
    return position?.offset === offset;
  }, `the acknowledgement of ${offset}`);
}

/** Until the session holds nothing of the event any more. */
async function untilSettled(eventguid: string): Promise<void> {
  await waitFor(async () => {
    const events = (await nodes.session(subscriberId))?.events ?? [];
    return events.every((event) => event.eventguid !== eventguid);
  });
}

const shown = ({ deliveries }: Told) =>
  deliveries.map(({ cookie, data, ended = false }) => `${cookie} ${String(data)}${ended ? ' ended' : ''}`);

describe('the SDK with a session', () => {
  it.each([0, 1] as const)(
    'gets on return at node %d what it has not acknowledged, then what is live',
    async (node) => {
      const first = await connected({ subscriberId });
      await first.client.subscribe('e', 'c', (delivery) => {
        first.keep(delivery);
        return delivery.data === 'a' ? undefined : new Promise(() => undefined);
      });
      for (const data of ['a', 'b']) await nodes.trigger('e', data);
      await waitFor(() => first.deliveries.length === 2);
      await untilAcknowledged('e', 1);
      await leave(first);
      await nodes.trigger('e', 'c');

      const second = await connected({ subscriberId }, node);
      await second.client.subscribe('e', 'c', second.keep);
      await nodes.trigger('e', 'live');
      await waitFor(() => second.deliveries.length === 3);
      expect(shown(second)).toEqual(['c b', 'c c', 'c live']);
      await untilAcknowledged('e', 4);
      await leave(second);

      const third = await connected({ subscriberId });
      await third.client.subscribe('e', 'c', third.keep);
      await nodes.trigger('e', 'last');
      await waitFor(() => third.deliveries.length === 1);
      expect(shown(third)).toEqual(['c last']);
    },
  );

  it('gets a one-shot that came while it was away, and goes on behind it with what it subscribes to now', async () => {
    const first = await connected({ subscriberId });
    await first.client.subscribe('e', 'old', first.keep);
    await leave(first);
    await nodes.trigger('e', 'missed');
    await nodes.trigger('e', 'cut', true);
    await nodes.trigger('e', 'of nobody');

    const second = await connected({ subscriberId }, 1);
    const subscription = await second.client.subscribe('e', 'new', second.keep);
    await nodes.trigger('e', 'live');
    await waitFor(() => second.deliveries.length === 3);
    expect(shown(second)).toEqual(['old missed', 'old cut ended', 'new live']);
    expect(subscription.state).toBe('active');
    await untilAcknowledged('e', 4);
    await leave(second);

    const third = await connected({ subscriberId });
    await third.client.subscribe('e', 'newest', third.keep);
    await nodes.trigger('e', 'last');
    await waitFor(() => third.deliveries.length === 1);
    expect(shown(third)).toEqual(['newest last']);
  });

  it.each([0, 2])(
    'is ended by a one-shot behind a lost connection, after %d deliveries, and not subscribed again',
    async (before) => {
      const { transport, ...told } = await cuttable();
      const subscription = await told.client.subscribe('e', 'c', told.keep);
      for (let count = 0; count < before; count++) await nodes.trigger('e', 'seen');
      await waitFor(() => told.deliveries.length === before);
      transport.cut();
      await nodes.trigger('e', 'missed');
      await nodes.trigger('e', 'cut', true);
      await nodes.trigger('e', 'of nobody');
      transport.mend();
      await waitFor(() => subscription.ended);
      expect(shown(told).slice(before)).toEqual(['c missed', 'c cut ended']);
      expect(subscription.state).toBe('ended');
      expect(told.gaps).toEqual([]);
      await untilSettled('e');
      expect(await nodes.subscriptions('e')).toBe(0);
    },
  );

  it('loses nothing and doubles nothing over many lost connections', async () => {
    const { transport, ...told } = await cuttable(1);
    await told.client.subscribe('e', 'c', async (delivery) => {
      await new Promise(setImmediate);
      told.keep(delivery);
    });
    const expected: string[] = [];
    for (let round = 0; round < 10; round++) {
      for (const part of ['before', 'away', 'after']) {
        if (part === 'away') transport.cut();
        if (part === 'after') transport.mend();
        const data = `${round} ${part}`;
        expected.push(`c ${data}`);
        await nodes.trigger('e', data);
      }
      await waitFor(() => told.statuses.at(-1)?.state === 'connected');
    }
    await waitFor(() => told.deliveries.length >= expected.length);
    expect(shown(told)).toEqual(expected);
    await untilAcknowledged('e', expected.length);
    expect(told.errors).toEqual([]);
  });

  it('does not get again, in the next run, a one-shot that was processed while the connection was lost', async () => {
    const { transport, ...told } = await cuttable();
    let finish = (): void => undefined;
    await told.client.subscribe('e', 'c', (delivery) => {
      told.keep(delivery);
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    await nodes.trigger('e', 'cut', true);
    await waitFor(() => told.deliveries.length === 1);
    transport.cut();
    finish();
    transport.mend();
    await waitFor(() => told.statuses.at(-1)?.state === 'connected');
    await untilSettled('e');
    await leave(told);

    const second = await connected({ subscriberId }, 1);
    await second.client.subscribe('e', 'c', second.keep);
    await nodes.trigger('e', 'live');
    await waitFor(() => second.deliveries.length > 0);
    expect(shown(second)).toEqual(['c live']);
    expect(told.errors).toEqual([]);
  });

  it('is closed when a newer client of its name connects', async () => {
    const older = await connected({ subscriberId });
    const newer = await connected({ subscriberId }, 1);
    await waitFor(() => older.statuses.at(-1)?.state === 'closed');
    expect(older.statuses.at(-1)).toMatchObject({
      reason: { name: 'session-taken-over', code: 4502, final: true },
    });
    await newer.client.subscribe('e', 'c', newer.keep);
    await nodes.trigger('e', 'x');
    await waitFor(() => newer.deliveries.length === 1);
  });

  it('ends for good what an earlier run has subscribed to', async () => {
    const first = await connected({ subscriberId });
    await first.client.subscribe('e', 'c', first.keep);
    await leave(first);
    expect(await nodes.subscriptions('e')).toBe(1);
    const second = await connected({ subscriberId });
    await second.client.unsubscribe('e');
    expect(await nodes.subscriptions('e')).toBe(0);
  });

  it('acknowledges where the program says so', async () => {
    const told = await connected({ subscriberId, autoAcknowledge: false });
    await told.client.subscribe('e', 'c', told.keep);
    for (const data of ['a', 'b', 'c']) await nodes.trigger('e', data);
    await waitFor(() => told.deliveries.length === 3);
    told.deliveries[1]?.acknowledge();
    await untilAcknowledged('e', 2);
    const position = (await nodes.session(subscriberId))?.events[0]?.acknowledged;
    expect(position && formatPosition(position)).toBe(told.deliveries[1]?.position);
  });
});

describe('a trigger that waits', () => {
  it('is answered with what became of it on all nodes', async () => {
    const [one, two] = [await connected({}, 0), await connected({}, 1)];
    for (const { client, keep } of [one, two]) await client.subscribe('e', 'c', keep);
    const result = await one.client.trigger('e', 'x', { wait: 'delivered', timeoutMs: 5_000 });
    expect(result).toMatchObject({
      subscribers: 2,
      receipt: { delivered: 2, queued: 0, dropped: 0, complete: true },
    });
  });
});

describe('presence', () => {
  it('tells who is there, who joins and who leaves, wherever they are connected', async () => {
    const [one, two] = [await connected({}, 0), await connected({}, 1)];
    const seen: { readonly members: number; readonly kind: Presence['kind'] }[] = [];
    const onPresence = (members: readonly string[], { kind }: Presence): void =>
      void seen.push({ members: members.length, kind });
    await one.client.subscribe('e', 'c', one.keep, { onPresence });
    await waitFor(() => seen.length === 1);
    await two.client.subscribe('e', 'c', two.keep, { onPresence: () => undefined });
    await waitFor(() => seen.at(-1)?.kind === 'join');
    await two.client.unsubscribe('e');
    await waitFor(() => seen.at(-1)?.kind === 'leave');
    expect(seen[0]?.kind).toBe('snapshot');
    expect(seen.slice(-2)).toEqual([
      { members: 2, kind: 'join' },
      { members: 1, kind: 'leave' },
    ]);
  });
});
