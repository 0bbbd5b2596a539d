import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ClusterOfTwo } from './cluster-of-two.js';
import type { PortClusterFactory } from './port-cluster.js';
import { waitFor } from './wait-for.js';

/** Longer than any test. */
const LONG_MS = 600_000;

/** What every adapter of the port `Claims` has to do. */
export function describeClaims(name: string, cluster: PortClusterFactory): void {
  describe(`${name} as claims`, () => {
    const nodes = new ClusterOfTwo(cluster);
    describe('claiming', () => describeClaiming(nodes));
    describe('releasing', () => describeReleasing(nodes));
  });
}

function describeClaiming(nodes: ClusterOfTwo): void {
  it('gives a free name to whoever claims it, and to nobody else meanwhile', async () => {
    expect(await nodes.here.claims.claim('name', 'a', LONG_MS)).toBe(true);
    expect(await nodes.there.claims.claim('name', 'b', LONG_MS)).toBe(false);
    expect(await nodes.here.claims.claim('name', 'b', LONG_MS)).toBe(false);
  });

  it('gives it to one of many that claim it at once', async () => {
    const claiming = Array.from({ length: 40 }, (_, index) => {
      const { claims } = index % 2 === 0 ? nodes.here : nodes.there;
      return claims.claim('name', `holder-${index}`, LONG_MS);
    });
    expect((await Promise.all(claiming)).filter(Boolean)).toHaveLength(1);
  });

  it('lets the holder go on, on whichever node', async () => {
    await nodes.here.claims.claim('name', 'a', LONG_MS);
    expect(await nodes.there.claims.claim('name', 'a', LONG_MS)).toBe(true);
    expect(await nodes.there.claims.claim('name', 'b', LONG_MS)).toBe(false);
  });

  it('frees the name when its time is over', async () => {
    await nodes.here.claims.claim('name', 'a', 30);
    await waitFor(() => nodes.there.claims.claim('name', 'b', LONG_MS), 'the end of the claim');
    expect(await nodes.here.claims.claim('name', 'a', LONG_MS)).toBe(false);
  });

  it('counts the time from when the holder claimed it last', async () => {
    await nodes.here.claims.claim('renewed', 'a', 1);
    await nodes.here.claims.claim('renewed', 'a', LONG_MS);
    await nodes.here.claims.claim('other', 'a', 30);
    await waitFor(() => nodes.there.claims.claim('other', 'b', LONG_MS), 'the end of the other claim');
    expect(await nodes.there.claims.claim('renewed', 'b', LONG_MS)).toBe(false);
  });

  it('tells strange names and holders apart', async () => {
    const names = ['{a}', '%7Ba%7D', 'a b', 'ü🔔', '__proto__', randomUUID()];
    for (const name of names) expect(await nodes.here.claims.claim(name, `{${name}}`, LONG_MS)).toBe(true);
    for (const name of names) {
      expect(await nodes.there.claims.claim(name, name, LONG_MS)).toBe(false);
      expect(await nodes.there.claims.claim(name, `{${name}}`, LONG_MS)).toBe(true);
    }
  });

  it('has no claims after a restart that has kept nothing', async () => {
    await nodes.here.claims.claim('name', 'a', LONG_MS);
    await nodes.shared.restart({ keep: false });
    expect(await nodes.there.claims.claim('name', 'b', LONG_MS)).toBe(true);
  });
}

function describeReleasing(nodes: ClusterOfTwo): void {
  it('frees the name at once', async () => {
    await nodes.here.claims.claim('name', 'a', LONG_MS);
    await nodes.here.claims.release('name', 'a');
    expect(await nodes.there.claims.claim('name', 'b', LONG_MS)).toBe(true);
  });

  it('leaves the name to another who holds it', async () => {
    await nodes.here.claims.claim('name', 'a', LONG_MS);
    await nodes.there.claims.release('name', 'b');
    await nodes.there.claims.release('free', 'b');
    expect(await nodes.there.claims.claim('name', 'b', LONG_MS)).toBe(false);
  });
}
