import { describe, expect, it } from '@jest/globals';
import { MemoryCluster } from '@ringback/memory';
import { clusterOf, originOf } from './origin.js';
import { TestHub } from './testing/test-hub.js';

describe('a trigger with an origin', () => {
  it('is published with it where the origin is of another cluster', async () => {
    const node = new TestHub(new MemoryCluster());
    const client = node.connect();
    await node.subscribe(client, 'e', 'c');
    await node.trigger('e', 'd', { origin: 'other/x:7' });
    const { items } = await node.hub.operator.history({ name: 'anyone' }, 'e' as never, { limit: 1 });
    expect(items).toMatchObject([{ data: 'd', origin: 'other/x:7' }]);
  });

  it('of its own cluster is answered with its first position, counted, and published no more', async () => {
    const node = new TestHub(new MemoryCluster());
    const { position } = await node.trigger('e', 'd');
    const origin = originOf(await node.hub.clusterId(), position);
    expect(await node.trigger('e', 'd', { origin })).toEqual({ position, subscribers: 0, nodes: 0 });
    const { receipt } = await node.trigger('e', 'd', { origin }, 1_000);
    expect(await receipt).toEqual({ delivered: 0, queued: 0, dropped: 0, complete: true });
    expect(node.metrics.count('loopCut')).toBe(2);
    expect(node.metrics.count('triggered')).toBe(1);
    expect((await node.trigger('e', 'next')).position.offset).toBe(position.offset + 1);
  });

  it('of its own cluster that names no position is refused', async () => {
    const node = new TestHub(new MemoryCluster());
    const origin = `${await node.hub.clusterId()}/nowhere`;
    await expect(node.trigger('e', 'd', { origin })).rejects.toMatchObject({ code: 'bad-request' });
  });
});

describe('an origin', () => {
  it('names its cluster, or none', () => {
    expect(clusterOf(originOf('c', { epoch: 'e', offset: 1 }))).toBe('c');
    expect([clusterOf('none'), clusterOf('/x:1')]).toEqual(['', '']);
  });
});
