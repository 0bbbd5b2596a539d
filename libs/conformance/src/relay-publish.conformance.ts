import { expect, it } from '@jest/globals';
import type { ClusterOfTwo } from './cluster-of-two.js';
import { allItems } from './all-pages.js';
import { sampleEvent, sampleSubscription, sampleTrigger } from './port-samples.js';
import { RecordingListener } from './recording-listener.js';

/** What a publish does in its one step, and what it answers. */
export function describePublishing(nodes: ClusterOfTwo): void {
  it('answers with the stored subscriptions and with the nodes that follow', async () => {
    const eventguid = sampleEvent();
    RecordingListener.at(nodes.here);
    RecordingListener.at(nodes.there);
    expect(await nodes.here.relay.publish(sampleTrigger(eventguid))).toMatchObject({
      subscribers: 0,
      nodes: 0,
    });
    await nodes.there.relay.follow(eventguid);
    for (const node of [nodes.here, nodes.there, nodes.there]) {
      await node.subscriptions.put(sampleSubscription(eventguid));
    }
    expect(await nodes.here.relay.publish(sampleTrigger(eventguid))).toMatchObject({
      subscribers: 3,
      nodes: 1,
    });
    await nodes.here.relay.follow(eventguid);
    expect(await nodes.here.relay.publish(sampleTrigger(eventguid))).toMatchObject({
      subscribers: 3,
      nodes: 2,
    });
  });

  it('answers a repeat of a key with the first answer, on every node, and keeps it once', async () => {
    const eventguid = sampleEvent();
    const first = await nodes.here.relay.publish(sampleTrigger(eventguid, { key: 'key', data: 'first' }));
    await nodes.here.subscriptions.put(sampleSubscription(eventguid));
    for (const { relay } of [nodes.here, nodes.there]) {
      expect(await relay.publish(sampleTrigger(eventguid, { key: 'key', data: 'again' }))).toEqual(first);
    }
    const history = await allItems((page) => nodes.here.relay.history(eventguid, page), 10);
    expect(history.map(({ data }) => data)).toEqual(['first']);
  });

  it('keeps racing repeats of a key once', async () => {
    const eventguid = sampleEvent();
    const racing = Array.from({ length: 20 }, (_, index) =>
      (index % 2 ? nodes.here : nodes.there).relay.publish(sampleTrigger(eventguid, { key: 'key' })),
    );
    const offsets = (await Promise.all(racing)).map(({ position }) => position.offset);
    expect(new Set(offsets)).toEqual(new Set([1]));
  });

  it('ends nothing by the repeat of a one-shot with a key', async () => {
    const eventguid = sampleEvent();
    const oneShot = sampleTrigger(eventguid, { key: 'key', removeAfterSend: true });
    await nodes.here.relay.publish(oneShot);
    const subscription = sampleSubscription(eventguid);
    await nodes.here.subscriptions.put(subscription);
    await nodes.there.relay.publish(oneShot);
    expect(await nodes.here.subscriptions.find(eventguid, subscription.subscriber)).toBeDefined();
  });

  it('scopes a key to its event', async () => {
    const [one, other] = [sampleEvent(), sampleEvent()];
    await nodes.here.relay.publish(sampleTrigger(one));
    const first = await nodes.here.relay.publish(sampleTrigger(one, { key: 'key' }));
    const second = await nodes.here.relay.publish(sampleTrigger(other, { key: 'key' }));
    expect(first.position.offset).toBe(2);
    expect(second.position.offset).toBe(1);
  });

  it.each(['{key}', 'a:b', '%', '🔔', '__proto__', '*'])('takes %j as a key', async (key) => {
    const eventguid = sampleEvent();
    const first = await nodes.here.relay.publish(sampleTrigger(eventguid, { key }));
    const other = await nodes.here.relay.publish(sampleTrigger(eventguid, { key: `${key}2` }));
    expect(await nodes.there.relay.publish(sampleTrigger(eventguid, { key }))).toEqual(first);
    expect(other.position.offset).toBe(2);
  });

  it('keeps every trigger that has no key', async () => {
    const eventguid = sampleEvent();
    const one = await nodes.here.relay.publish(sampleTrigger(eventguid));
    const two = await nodes.here.relay.publish(sampleTrigger(eventguid));
    expect([one.position.offset, two.position.offset]).toEqual([1, 2]);
  });

  it('ends all stored subscriptions by a one-shot, and answers how many', async () => {
    const [eventguid, other] = [sampleEvent(), sampleEvent()];
    await nodes.here.subscriptions.put(sampleSubscription(eventguid));
    await nodes.there.subscriptions.put(sampleSubscription(eventguid));
    const untouched = sampleSubscription(other);
    await nodes.here.subscriptions.put(untouched);
    const oneShot = sampleTrigger(eventguid, { removeAfterSend: true });
    expect(await nodes.here.relay.publish(oneShot)).toMatchObject({ subscribers: 2 });
    expect(await nodes.there.subscriptions.event(eventguid)).toMatchObject({ subscribers: 0 });
    expect(await nodes.there.relay.publish(oneShot)).toMatchObject({ subscribers: 0 });
    expect(await nodes.here.subscriptions.find(other, untouched.subscriber)).toBeDefined();
  });

  it('ends no subscription by any other trigger', async () => {
    const eventguid = sampleEvent();
    await nodes.here.subscriptions.put(sampleSubscription(eventguid));
    await nodes.there.relay.publish(sampleTrigger(eventguid));
    expect(await nodes.there.subscriptions.event(eventguid)).toMatchObject({ subscribers: 1 });
  });

  it('gives every subscription to exactly one of racing one-shots', async () => {
    const eventguid = sampleEvent();
    const puts = Array.from({ length: 30 }, (_, index) =>
      (index % 2 ? nodes.here : nodes.there).subscriptions.put(sampleSubscription(eventguid)),
    );
    const cuts = Array.from({ length: 6 }, (_, index) =>
      (index % 2 ? nodes.here : nodes.there).relay.publish(
        sampleTrigger(eventguid, { removeAfterSend: true }),
      ),
    );
    await Promise.all(puts);
    const last = await nodes.here.relay.publish(sampleTrigger(eventguid, { removeAfterSend: true }));
    const answers = [...(await Promise.all(cuts)), last];
    expect(answers.reduce((sum, { subscribers }) => sum + subscribers, 0)).toBe(30);
  });
}
