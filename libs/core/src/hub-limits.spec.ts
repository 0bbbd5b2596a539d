import { beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { DEFAULT_LIMITS } from '@ringback/contract';
import { MemoryCluster } from '@ringback/memory';
import { TestHub } from './testing/test-hub.js';

describe('the limits of a node', () => {
  let cluster: MemoryCluster;

  beforeEach(() => {
    cluster = new MemoryCluster();
  });

  it('are 500,000 subscriptions by default', () => {
    expect(DEFAULT_LIMITS.subscriptionsPerNode).toBe(500_000);
  });

  it('refuse one subscription too many, however many come at once, and those that stand go on', async () => {
    const node = new TestHub(cluster, { limits: { subscriptionsPerNode: 3 } });
    const [one, other] = [node.connect(), node.connect()];
    const asked = await Promise.allSettled([
      ...['a', 'b'].map((eventguid) => node.subscribe(one, eventguid, 'c')),
      ...['a', 'b'].map((eventguid) => node.subscribe(other, eventguid, 'c')),
    ]);
    expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    expect(asked[3]).toMatchObject({ reason: { code: 'node-subscription-limit' } });
    await node.subscribe(one, 'a', 'another cookie');
    expect((await node.trigger('a')).subscribers).toBe(2);
  });

  it('have room again when a subscription ends: by its client, with its connection, or by a one-shot', async () => {
    const node = new TestHub(cluster, { limits: { subscriptionsPerNode: 1 } });
    const first = node.connect();
    await node.subscribe(first, 'a', 'c');
    await node.unsubscribe(first, 'a');
    await node.subscribe(first, 'b', 'c');
    node.disconnect(first);
    const second = node.connect();
    await node.subscribe(second, 'a', 'c');
    await node.cut('a');
    await waitFor(() => node.hub.figures().subscriptions === 0);
    await node.subscribe(second, 'b', 'c');
    await expect(node.subscribe(second, 'c', 'c')).rejects.toMatchObject({ code: 'node-subscription-limit' });
  });

  it('refuse a durable subscriber more bytes than its identity may keep, and leave it what it has', async () => {
    cluster = new MemoryCluster({ durableBytesPerIdentity: 3_000 });
    const node = new TestHub(cluster);
    const [named, ephemeral] = [node.connectNamed(), node.connect()];
    await node.subscribe(named, 'a', 'x'.repeat(2_000));
    const refused = { code: 'durable-bytes-limit' };
    await expect(node.subscribe(named, 'b', 'x'.repeat(2_000))).rejects.toMatchObject(refused);
    await expect(node.subscribe(named, 'a', 'x'.repeat(4_000))).rejects.toMatchObject(refused);
    await node.subscribe(ephemeral, 'a', 'x'.repeat(4_000));
    expect((await node.trigger('a')).subscribers).toBe(2);
    expect((await node.trigger('b')).subscribers).toBe(0);
    await waitFor(() => named.frames.length === 1);
    expect(named.closes).toEqual([]);
    await node.unsubscribe(named, 'a');
    await node.subscribe(named, 'b', 'x'.repeat(2_000));
  });

  it('close the fullest of all connections when too much waits for them together', async () => {
    const node = new TestHub(cluster, { limits: { nodeOutboxBytes: 1_000_000 } });
    const connections = [400_000, 500_000, 300_000].map((bytes) => {
      const connection = node.connect();
      return Object.assign(connection, { bufferedBytes: bytes });
    });
    for (const connection of connections) await node.subscribe(connection, 'a', 'c');
    for (let count = 0; count < 2; count++) await node.trigger('a', 'x'.repeat(60_000));
    await waitFor(() => node.metrics.count('evicted') > 0);
    await waitFor(() => connections[0]?.frames.length === 2);
    expect(connections.map(({ closedWith }) => closedWith)).toEqual([undefined, 'slow-consumer', undefined]);
    expect(node.metrics.count('evicted')).toBe(1);
  });
});
