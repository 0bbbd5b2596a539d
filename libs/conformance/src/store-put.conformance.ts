import { expect, it } from '@jest/globals';
import { parseEventGuid } from '@ringback/contract';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { sampleEvent, sampleSubscription, sampleTrigger } from './port-samples.js';
import { STRANGE_COOKIES, STRANGE_EVENTGUIDS } from './strange-texts.js';

const STRANGE_SUBSCRIBERS = [
  'c:a',
  'c:b',
  'c:{a}',
  'c:%7Ba%7D',
  'n:shop/über 🔔',
  'n:a/b/c',
  'n:__proto__/x',
  'c:*',
];

/** A subscription is made, or its cookie changed. */
export function describePutting(nodes: ClusterOfTwo): void {
  it('makes a subscription that every node finds', async () => {
    const eventguid = sampleEvent();
    const subscription = sampleSubscription(eventguid);
    const before = Date.now();
    const { subscriptionId, since, position, ...more } = await nodes.here.subscriptions.put(subscription);
    expect(subscriptionId).toBe(subscription.subscriptionId);
    expect(since).toEqual(position);
    expect(more).toEqual({});
    const found = await nodes.there.subscriptions.find(eventguid, subscription.subscriber);
    expect(found).toEqual({ ...subscription, since, madeAt: found!.madeAt });
    expect(Math.abs(found!.madeAt - before)).toBeLessThan(60_000);
  });

  it('stands at the position of the last trigger before it', async () => {
    const eventguid = sampleEvent();
    const fresh = await nodes.here.subscriptions.put(sampleSubscription(eventguid));
    expect(fresh.position.offset).toBe(0);
    const trigger = await nodes.there.relay.publish(sampleTrigger(eventguid));
    expect(trigger.position).toEqual({ epoch: fresh.position.epoch, offset: 1 });
    const later = await nodes.here.subscriptions.put(sampleSubscription(eventguid));
    expect(later).toMatchObject({ since: trigger.position, position: trigger.position });
  });

  it('changes only the cookie of a subscriber that has the event', async () => {
    const eventguid = sampleEvent();
    const first = sampleSubscription(eventguid, { cookie: 'first' });
    const made = await nodes.here.subscriptions.put(first);
    const before = await nodes.here.subscriptions.find(eventguid, first.subscriber);
    const { position } = await nodes.here.relay.publish(sampleTrigger(eventguid));
    const again = { ...first, subscriptionId: 'another', cookie: 'last' };
    const changed = await nodes.here.subscriptions.put(again);
    expect(changed).toEqual({ subscriptionId: first.subscriptionId, since: made.since, position });
    const found = await nodes.there.subscriptions.find(eventguid, first.subscriber);
    expect(found).toEqual({ ...before, cookie: 'last' });
    expect(await nodes.there.subscriptions.event(eventguid)).toMatchObject({ subscribers: 1 });
  });

  it('makes a new subscription where a one-shot has ended the old one', async () => {
    const eventguid = sampleEvent();
    const old = sampleSubscription(eventguid);
    await nodes.here.subscriptions.put(old);
    const { position } = await nodes.there.relay.publish(sampleTrigger(eventguid, { removeAfterSend: true }));
    expect(await nodes.here.subscriptions.find(eventguid, old.subscriber)).toBeUndefined();
    const made = await nodes.here.subscriptions.put({ ...old, subscriptionId: 'new' });
    expect(made).toEqual({ subscriptionId: 'new', since: position, position });
  });

  it('tells the subscribers of an event apart', async () => {
    const eventguid = sampleEvent();
    for (const subscriber of STRANGE_SUBSCRIBERS) {
      await nodes.here.subscriptions.put(sampleSubscription(eventguid, { subscriber, cookie: subscriber }));
    }
    for (const subscriber of STRANGE_SUBSCRIBERS) {
      const found = await nodes.there.subscriptions.find(eventguid, subscriber);
      expect(found).toMatchObject({ subscriber, cookie: subscriber });
    }
    expect(await nodes.there.subscriptions.find(eventguid, 'c:c')).toBeUndefined();
  });

  it('keeps strange eventguids and cookies byte for byte', async () => {
    for (const text of STRANGE_EVENTGUIDS) {
      const eventguid = parseEventGuid(text);
      await nodes.here.subscriptions.put(
        sampleSubscription(eventguid, { subscriber: 'c:one', cookie: text }),
      );
      expect(await nodes.there.subscriptions.find(eventguid, 'c:one')).toMatchObject({
        eventguid,
        cookie: text,
      });
    }
    const eventguid = sampleEvent();
    for (const [index, cookie] of ['', ...STRANGE_COOKIES].entries()) {
      const subscriber = `c:${index}`;
      await nodes.here.subscriptions.put(sampleSubscription(eventguid, { subscriber, cookie }));
      expect(await nodes.there.subscriptions.find(eventguid, subscriber)).toMatchObject({ cookie });
    }
  });

  it('stands before or after each racing trigger, never in between', async () => {
    const eventguid = sampleEvent();
    const racing = Array.from({ length: 20 }, async (_, index) => {
      if (index % 2) return [(await nodes.there.relay.publish(sampleTrigger(eventguid))).position.offset];
      const { since, position } = await nodes.here.subscriptions.put(sampleSubscription(eventguid));
      expect(since).toEqual(position);
      return [];
    });
    const offsets = (await Promise.all(racing)).flat().sort((a, b) => a - b);
    expect(offsets).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
}
