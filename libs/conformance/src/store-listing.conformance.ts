import { expect, it } from '@jest/globals';
import type { EventGuid } from '@ringback/contract';
import type { EventSummary } from '@ringback/core';
import { allItems, allPages } from './all-pages.js';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { sampleEvent, sampleSubscription, sampleTrigger } from './port-samples.js';
import { waitFor } from './wait-for.js';

/** What operators see. */
export function describeListing(nodes: ClusterOfTwo): void {
  const events = (limit = 50): Promise<readonly EventSummary[]> =>
    allItems((page) => nodes.there.subscriptions.events(page), limit);

  const shows = (eventguid: EventGuid) => async () =>
    (await events()).some((event) => event.eventguid === eventguid);

  it('sums an event up', async () => {
    const eventguid = sampleEvent();
    await nodes.here.subscriptions.put(sampleSubscription(eventguid));
    await nodes.there.subscriptions.put(sampleSubscription(eventguid));
    await nodes.here.relay.publish(sampleTrigger(eventguid));
    const { position } = await nodes.here.relay.publish(sampleTrigger(eventguid));
    const summary = { eventguid, position, subscribers: 2, kept: 2 };
    expect(await nodes.there.subscriptions.event(eventguid)).toEqual(summary);
    await waitFor(shows(eventguid), 'the event');
    expect(await events()).toEqual([summary]);
  });

  it('knows nothing of an event that nobody has used', async () => {
    const eventguid = sampleEvent();
    expect(await nodes.here.subscriptions.event(eventguid)).toBeUndefined();
    expect(await nodes.here.subscriptions.find(eventguid, 'c:nobody')).toBeUndefined();
    expect(await nodes.here.subscriptions.subscriptions(eventguid, { limit: 10 })).toEqual({ items: [] });
    expect(await nodes.here.subscriptions.event(eventguid)).toBeUndefined();
    expect(await events()).toEqual([]);
  });

  it('shows an event that was only triggered', async () => {
    const eventguid = sampleEvent();
    await nodes.here.relay.publish(sampleTrigger(eventguid));
    await waitFor(shows(eventguid), 'the event');
  });

  it('shows an event as long as somebody is subscribed, and after a touch', async () => {
    const eventguid = sampleEvent();
    await nodes.here.subscriptions.put(sampleSubscription(eventguid));
    expect(await shows(eventguid)()).toBe(true);
    await nodes.here.subscriptions.touch([eventguid, sampleEvent()]);
    await nodes.here.subscriptions.touch([]);
    expect((await events()).map((event) => event.eventguid)).toEqual([eventguid]);
  });

  it('shows all events page by page', async () => {
    const eventguids = Array.from({ length: 150 }, sampleEvent);
    for (const eventguid of eventguids) await nodes.here.subscriptions.put(sampleSubscription(eventguid));
    const pages = await allPages((page) => nodes.there.subscriptions.events(page), 10);
    const shown = pages.flatMap(({ items }) => items.map(({ eventguid }) => eventguid));
    expect(new Set(shown)).toEqual(new Set(eventguids));
    expect(pages.length).toBeGreaterThan(2);
  });

  it('shows all subscriptions of an event page by page', async () => {
    const eventguid = sampleEvent();
    const subscribers = Array.from({ length: 700 }, (_, index) => `c:${index}`);
    await Promise.all(
      subscribers.map((subscriber) =>
        nodes.here.subscriptions.put(sampleSubscription(eventguid, { subscriber })),
      ),
    );
    const pages = await allPages((page) => nodes.there.subscriptions.subscriptions(eventguid, page), 50);
    const shown = pages.flatMap(({ items }) => items.map(({ subscriber }) => subscriber));
    expect(new Set(shown)).toEqual(new Set(subscribers));
    for (const { items } of pages) expect(items.length).toBeLessThan(350);
  });

  it('lists subscriptions as they are found', async () => {
    const eventguid = sampleEvent();
    const { subscriber } = sampleSubscription(eventguid);
    await nodes.here.subscriptions.put(sampleSubscription(eventguid, { subscriber }));
    const found = await nodes.here.subscriptions.find(eventguid, subscriber);
    const listed = await allItems((page) => nodes.there.subscriptions.subscriptions(eventguid, page), 10);
    expect(listed).toEqual([found]);
  });

  it('leaves out no subscription that stays while others come and go', async () => {
    const eventguid = sampleEvent();
    const put = (prefix: string) => async (index: number) => {
      await nodes.here.subscriptions.put(
        sampleSubscription(eventguid, { subscriber: `c:${prefix}${index}` }),
      );
    };
    const numbers = Array.from({ length: 300 }, (_, index) => index);
    await Promise.all(numbers.flatMap((index) => [put('stays')(index), put('goes')(index)]));
    const shown = new Set<string>();
    let moved = 0;
    await allItems(async (page) => {
      const answer = await nodes.there.subscriptions.subscriptions(eventguid, page);
      for (const { subscriber } of answer.items) shown.add(subscriber);
      await nodes.here.subscriptions.remove(eventguid, `c:goes${moved}`);
      await put('comes')(moved++);
      return answer;
    }, 50);
    for (const index of numbers) expect(shown).toContain(`c:stays${index}`);
  });

  it('refuses cursors that it has not given', async () => {
    const eventguid = sampleEvent();
    await nodes.here.subscriptions.put(sampleSubscription(eventguid));
    const page = { limit: 10, cursor: 'no cursor' };
    const reading = nodes.here.subscriptions.subscriptions(eventguid, page);
    await expect(reading).rejects.toMatchObject({ code: 'bad-request' });
    await expect(nodes.here.subscriptions.events(page)).rejects.toMatchObject({ code: 'bad-request' });
  });
}
