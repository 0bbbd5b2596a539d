import { describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS, parseEventGuid, type Trigger } from '@ringback/contract';
import { FakeClock } from './fake-clock.js';
import { MemoryCluster } from './memory-cluster.js';

const KIBIBYTE = 1024;

function triggerOf(name: string, options: Partial<Trigger> = {}): Trigger {
  return { eventguid: parseEventGuid(name), data: 'data', removeAfterSend: false, ...options };
}

describe('MemoryBudget of a MemoryCluster', () => {
  it('is 100,000 events by default', () => {
    expect(DEFAULT_LIMITS.memoryEvents).toBe(100_000);
  });

  it('refuses a further event, to trigger and to subscribe to, and goes on with those that are known', async () => {
    const cluster = new MemoryCluster({ memoryEvents: 2 });
    const { relay, subscriptions } = cluster.node();
    await relay.publish(triggerOf('a'));
    await relay.publish(triggerOf('b'));
    const lease = { nodeId: 'node', generation: '1' };
    const other = { subscriber: 'c:1', subscriptionId: 'id', cookie: '', lease };
    await expect(relay.publish(triggerOf('c'))).rejects.toMatchObject({ code: 'too-many-events' });
    await expect(subscriptions.put({ ...other, eventguid: parseEventGuid('c') })).rejects.toMatchObject({
      code: 'too-many-events',
    });
    expect(await relay.publish(triggerOf('a'))).toMatchObject({ position: { offset: 2 } });
    expect(cluster.memoryUse.events).toBe(2);
  });

  it('has room again once an event is forgotten', async () => {
    const clock = new FakeClock();
    const { relay } = new MemoryCluster({ clock, memoryEvents: 1 }).node();
    await relay.publish(triggerOf('a'));
    clock.advance(10 * 60_000);
    expect(await relay.publish(triggerOf('b'))).toMatchObject({ position: { offset: 1 } });
  });

  it('keeps all histories within its bytes: those that were written to least recently go first', async () => {
    const cluster = new MemoryCluster({ memoryBytes: 100 * KIBIBYTE });
    const { relay } = cluster.node();
    const { position } = await relay.publish(triggerOf('first'));
    await relay.publish(triggerOf('first'));
    const begin = (await relay.publish(triggerOf('busy'))).position;
    for (let index = 0; index < 500; index++) {
      await relay.publish(triggerOf(`fresh-${index}`, { data: 'x'.repeat(KIBIBYTE) }));
      if (index % 10 === 0) await relay.publish(triggerOf('busy'));
      expect(cluster.memoryUse.bytes).toBeLessThanOrEqual(100 * KIBIBYTE);
    }
    expect(await relay.since(parseEventGuid('first'), position)).toBe('lost');
    expect(await relay.since(parseEventGuid('busy'), begin)).toHaveLength(50);
    expect((await relay.publish(triggerOf('first'))).position.offset).toBe(3);
  });

  it('refuses a trigger with a key once keys take half of it, and remembers those that it has', async () => {
    const cluster = new MemoryCluster({ memoryBytes: 20 * KIBIBYTE });
    const { relay } = cluster.node();
    const publish = (key: string) => relay.publish(triggerOf('a', { key }));
    const first = await publish('key-0');
    const more = Array.from({ length: 40 }, (_, index) => publish(`key-${index + 1}`));
    const refused = (await Promise.allSettled(more)).filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(10);
    expect(refused[0]).toMatchObject({ reason: { code: 'memory-full' } });
    expect(await publish('key-0')).toEqual(first);
    expect(await relay.publish(triggerOf('a'))).toMatchObject({ subscribers: 0 });
  });

  it('counts back to nothing when all is forgotten', async () => {
    const clock = new FakeClock();
    const cluster = new MemoryCluster({ clock });
    const { relay } = cluster.node();
    for (let index = 0; index < 20; index++) {
      await relay.publish(triggerOf(`event-${index % 5}`, { key: `key-${index}`, data: 'ü€🔔' }));
    }
    expect(cluster.memoryUse.bytes).toBeGreaterThan(0);
    clock.advance(10 * 60_000);
    await relay.publish(triggerOf('last'));
    clock.advance(10 * 60_000);
    await relay.history(parseEventGuid('last'), { limit: 1 });
    expect(cluster.memoryUse).toEqual({ events: 0, bytes: 0 });
  });
});
