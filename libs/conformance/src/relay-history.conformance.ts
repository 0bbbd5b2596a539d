import { expect, it } from '@jest/globals';
import type { EventGuid, Published } from '@ringback/contract';
import { allItems, allPages } from './all-pages.js';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { sampleEvent, sampleSubscription, sampleTrigger } from './port-samples.js';
import { RecordingListener } from './recording-listener.js';
import { waitFor } from './wait-for.js';

const MINUTE_MS = 60_000;
const MIB = 1024 * 1024;

/** What is kept, for how long, and how it is read. */
export function describeHistory(nodes: ClusterOfTwo): void {
  const publish = async (
    eventguid: EventGuid,
    count: number,
    data?: string,
  ): Promise<readonly Published[]> => {
    const answers: Published[] = [];
    for (let index = 0; index < count; index++) {
      answers.push(
        await nodes.here.relay.publish(sampleTrigger(eventguid, { data: data ?? `${index + 1}` })),
      );
    }
    return answers;
  };

  const dataSince = async (eventguid: EventGuid, after: Published) => {
    const missed = await nodes.there.relay.since(eventguid, after.position);
    return missed === 'lost' ? missed : missed.map(({ envelope }) => envelope.data);
  };

  it('answers since() with exactly what came later, oldest first', async () => {
    const eventguid = sampleEvent();
    const [first, second, , last] = await publish(eventguid, 4);
    expect(await dataSince(eventguid, first!)).toEqual(['2', '3', '4']);
    expect(await dataSince(eventguid, second!)).toEqual(['3', '4']);
    expect(await dataSince(eventguid, last!)).toEqual([]);
  });

  it('answers since() from before the first envelope with all of them', async () => {
    const eventguid = sampleEvent();
    const { position } = await nodes.here.subscriptions.put(sampleSubscription(eventguid));
    expect(await nodes.here.relay.since(eventguid, position)).toEqual([]);
    await publish(eventguid, 2);
    expect(await nodes.here.relay.since(eventguid, position)).toHaveLength(2);
  });

  it('answers since() with the very envelopes that it relays', async () => {
    const eventguid = sampleEvent();
    const listener = RecordingListener.at(nodes.here);
    await nodes.here.relay.follow(eventguid);
    const [first] = await publish(eventguid, 1);
    const labels = { type: 'type', contentType: 'text/plain', source: 'source', id: 'id', origin: 'o/e:1' };
    await nodes.there.relay.publish(sampleTrigger(eventguid, { ...labels, removeAfterSend: true }));
    await nodes.there.relay.publish(sampleTrigger(eventguid, { id: 'id', retryMs: 250 }));
    await waitFor(() => listener.relayed.length === 3, 'all envelopes');
    expect(await nodes.there.relay.since(eventguid, first!.position)).toEqual(listener.relayed.slice(1));
    expect(listener.relayed.slice(1).map(({ envelope }) => envelope)).toMatchObject([
      labels,
      { id: 'id', retryMs: 250 },
    ]);
  });

  it('answers lost to a position that is unknown or lies ahead', async () => {
    const eventguid = sampleEvent();
    const [answer] = await publish(eventguid, 1);
    const { epoch, offset } = answer!.position;
    expect(await nodes.here.relay.since(eventguid, { epoch: 'elsewhere', offset })).toBe('lost');
    expect(await nodes.here.relay.since(eventguid, { epoch: 'elsewhere', offset: 0 })).toBe('lost');
    expect(await nodes.here.relay.since(eventguid, { epoch, offset: offset + 1 })).toBe('lost');
    expect(await nodes.here.relay.since(sampleEvent(), { epoch, offset: 0 })).toBe('lost');
  });

  it('keeps so many envelopes and no more', async () => {
    await nodes.reopen({ history: { envelopes: 5, ageMs: MINUTE_MS, bytes: MIB } });
    const eventguid = sampleEvent();
    const answers = await publish(eventguid, 8);
    expect(await dataSince(eventguid, answers[2]!)).toEqual(['4', '5', '6', '7', '8']);
    expect(await dataSince(eventguid, answers[1]!)).toBe('lost');
    expect(await nodes.here.subscriptions.event(eventguid)).toMatchObject({ kept: 5 });
  });

  it('keeps so many bytes and no more', async () => {
    await nodes.reopen({ history: { envelopes: 1_000, ageMs: MINUTE_MS, bytes: 10_000 } });
    const eventguid = sampleEvent();
    const answers = await publish(eventguid, 20, 'd'.repeat(1_000));
    const { kept } = (await nodes.here.subscriptions.event(eventguid))!;
    expect(kept).toBeGreaterThanOrEqual(5);
    expect(kept).toBeLessThanOrEqual(10);
    expect(await dataSince(eventguid, answers[19 - kept]!)).toHaveLength(kept);
    expect(await dataSince(eventguid, answers[18 - kept]!)).toBe('lost');
  });

  it('keeps envelopes for so long and no longer, and goes on counting', async () => {
    await nodes.reopen({ history: { envelopes: 1_000, ageMs: 50, bytes: MIB } });
    const eventguid = sampleEvent();
    await nodes.here.subscriptions.put(sampleSubscription(eventguid));
    const [first, second] = await publish(eventguid, 2);
    await waitFor(async () => (await dataSince(eventguid, first!)) === 'lost', 'the end of the history');
    const [third] = await publish(eventguid, 1);
    expect(third!.position).toEqual({ epoch: first!.position.epoch, offset: 3 });
    expect(await dataSince(eventguid, first!)).toBe('lost');
    expect(await dataSince(eventguid, third!)).toEqual([]);
    expect(second!.position.offset).toBe(2);
  });

  it('shows the whole history page by page, oldest first', async () => {
    const eventguid = sampleEvent();
    await publish(eventguid, 25);
    const pages = await allPages((page) => nodes.there.relay.history(eventguid, page), 10);
    const offsets = pages.flatMap(({ items }) => items.map(({ position }) => position.offset));
    expect(offsets).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
    for (const { items } of pages) expect(items.length).toBeLessThanOrEqual(10);
  });

  it('leaves out nothing that stays when the history moves on between two pages', async () => {
    await nodes.reopen({ history: { envelopes: 10, ageMs: MINUTE_MS, bytes: MIB } });
    const eventguid = sampleEvent();
    await publish(eventguid, 10);
    const first = await nodes.here.relay.history(eventguid, { limit: 4 });
    await publish(eventguid, 2);
    const rest = await allItems(
      ({ cursor, limit }) => nodes.here.relay.history(eventguid, { limit, cursor: cursor ?? first.next! }),
      4,
    );
    const shown = [...first.items, ...rest].map(({ position }) => position.offset);
    expect(shown).toEqual(expect.arrayContaining([5, 6, 7, 8, 9, 10]));
  });

  it('shows no history of an event that it does not know', async () => {
    expect(await nodes.here.relay.history(sampleEvent(), { limit: 10 })).toEqual({ items: [] });
  });

  it('refuses a cursor that it has not given', async () => {
    const eventguid = sampleEvent();
    await publish(eventguid, 1);
    const reading = nodes.here.relay.history(eventguid, { limit: 10, cursor: 'no cursor' });
    await expect(reading).rejects.toMatchObject({ code: 'bad-request' });
  });
}
