import { describe, expect, it } from '@jest/globals';
import { ClusterOfTwo } from './cluster-of-two.js';
import type { PortClusterFactory } from './port-cluster.js';

/** What every adapter of the port `ClusterKey` has to do. */
export function describeClusterKey(name: string, cluster: PortClusterFactory): void {
  describe(`${name} as the key of a cluster`, () => {
    const nodes = new ClusterOfTwo(cluster);

    it('is the same 32 bytes on every node, also when they ask for the first time at once', async () => {
      const reading = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? nodes.here : nodes.there).clusterKey.read(),
      );
      const [first, ...others] = (await Promise.all(reading)).map(textOf);
      expect(Buffer.from(first ?? '', 'hex')).toHaveLength(32);
      expect(new Set(others)).toEqual(new Set([first]));
    });

    it('is another in another cluster', async () => {
      const before = textOf(await nodes.here.clusterKey.read());
      await nodes.reopen({});
      expect(textOf(await nodes.here.clusterKey.read())).not.toBe(before);
    });

    it('outlives a restart that keeps everything', async () => {
      const before = textOf(await nodes.here.clusterKey.read());
      await nodes.shared.restart({ keep: true });
      expect(textOf(await nodes.there.clusterKey.read())).toBe(before);
    });

    it('is a new one, the same for all, after a restart that has kept nothing', async () => {
      const before = textOf(await nodes.here.clusterKey.read());
      await nodes.shared.restart({ keep: false });
      const after = textOf(await nodes.here.clusterKey.read());
      expect(after).not.toBe(before);
      expect(textOf(await nodes.there.clusterKey.read())).toBe(after);
    });
  });
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key).toString('hex');
}
