import { describe, expect, it } from '@jest/globals';
import { MemoryCluster } from '@ringback/memory';
import { clusterIdOf } from './cluster-id.js';
import { TestHub } from './testing/test-hub.js';

describe('the id of a cluster', () => {
  it('is the same on all nodes, URL-safe, and another in another cluster', async () => {
    const cluster = new MemoryCluster();
    const id = await new TestHub(cluster).hub.clusterId();
    expect(id).toMatch(/^[0-9a-f]{18}$/);
    expect(await new TestHub(cluster).hub.clusterId()).toBe(id);
    expect(await new TestHub(new MemoryCluster()).hub.clusterId()).not.toBe(id);
  });

  it('shows nothing of the key', async () => {
    const key = Uint8Array.from({ length: 32 }, (_, index) => index);
    const id = await clusterIdOf(key);
    expect(Buffer.from(key).toString('hex')).not.toContain(id);
    expect(id).toBe(await clusterIdOf(Uint8Array.from(key)));
  });
});
