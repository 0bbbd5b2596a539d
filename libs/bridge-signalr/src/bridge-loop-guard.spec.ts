import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryCluster } from '@ringback/memory';
import { clusterOf, originOf } from './origin.js';
import { BridgingNode } from './testing/bridging-node.js';

describe('a trigger with an origin', () => {
  let node: BridgingNode;

  beforeEach(async () => {
    node = await BridgingNode.start(new MemoryCluster());
  });

  afterEach(async () => {
    await node.close();
  });

  it('is published with it where the origin is of another cluster', async () => {
    await node.trigger('e', 'd', { origin: 'other/x:7' });
    const { items } = await node.hub.operator.history({ name: 'anyone' }, 'e' as never, { limit: 1 });
    expect(items).toMatchObject([{ data: 'd', origin: 'other/x:7' }]);
    expect(node.counted.loops).toBe(0);
  });

  it('of its own cluster is answered with its first position, counted, and published no more', async () => {
    const { position } = await node.trigger('e', 'd');
    const origin = originOf(await node.hub.clusterId(), position);
    expect(await node.trigger('e', 'd', { origin })).toEqual({ position, subscribers: 0, nodes: 0 });
    expect(node.counted.loops).toBe(1);
    expect(node.metrics.count('triggered')).toBe(1);
    expect((await node.trigger('e', 'next')).position.offset).toBe(position.offset + 1);
  });

  it('of its own cluster that names no position is refused', async () => {
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
