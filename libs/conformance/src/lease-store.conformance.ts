import { describe, expect, it } from '@jest/globals';
import { allItems } from './all-pages.js';
import { ClusterOfTwo } from './cluster-of-two.js';
import { describeSweeping } from './lease-sweep.conformance.js';
import type { PortClusterFactory } from './port-cluster.js';
import { sampleLease } from './port-samples.js';
import { describeSweepingSessions } from './session-sweep.conformance.js';
import { waitFor } from './wait-for.js';

/** What every adapter of the port `LeaseStore` has to do. */
export function describeLeaseStore(name: string, cluster: PortClusterFactory): void {
  describe(`${name} as a lease store`, () => {
    const nodes = new ClusterOfTwo(cluster);
    describe('leases', () => describeLeases(nodes));
    describe('sweeping', () => describeSweeping(nodes));
    describe('sweeping sessions', () => describeSweepingSessions(nodes));
  });
}

function describeLeases(nodes: ClusterOfTwo): void {
  const listed = () => allItems((page) => nodes.there.leases.nodes(page), 10);

  it('shows a lease to all nodes once it is taken', async () => {
    const lease = sampleLease();
    await nodes.here.leases.take(lease);
    expect(await nodes.there.leases.node(lease.nodeId)).toEqual(lease);
    expect(await listed()).toEqual([lease]);
  });

  it('knows no node that has taken none', async () => {
    expect(await nodes.here.leases.node('nobody')).toBeUndefined();
    expect(await listed()).toEqual([]);
  });

  it('renews a lease with new figures', async () => {
    const lease = sampleLease();
    await nodes.here.leases.take(lease);
    const renewed = { ...lease, figures: { connections: 5, subscriptions: 6, events: 7, outboxBytes: 8 } };
    expect(await nodes.here.leases.renew(renewed)).toBe(true);
    expect(await nodes.there.leases.node(lease.nodeId)).toEqual(renewed);
    expect(await listed()).toEqual([renewed]);
  });

  it('does not renew a lease that has run out', async () => {
    const lease = sampleLease();
    await nodes.here.leases.take(lease);
    await nodes.shared.expireLease(lease);
    expect(await nodes.there.leases.node(lease.nodeId)).toBeUndefined();
    expect(await listed()).toEqual([]);
    expect(await nodes.here.leases.renew(lease)).toBe(false);
    expect(await nodes.there.leases.node(lease.nodeId)).toBeUndefined();
  });

  it('does not renew a lease that was never taken, or was lost', async () => {
    const lease = sampleLease();
    expect(await nodes.here.leases.renew(lease)).toBe(false);
    await nodes.here.leases.take(lease);
    await nodes.shared.restart({ keep: false });
    expect(await nodes.here.leases.renew(lease)).toBe(false);
  });

  it('lets a lease run out that nobody renews', async () => {
    await nodes.reopen({ leaseMs: 60 });
    const lease = sampleLease();
    await nodes.here.leases.take(lease);
    await waitFor(async () => !(await nodes.there.leases.node(lease.nodeId)), 'the end of the lease');
    expect(await nodes.here.leases.renew(lease)).toBe(false);
  });

  it('gives a lease up at once', async () => {
    const [leaving, staying] = [sampleLease(), sampleLease()];
    await nodes.here.leases.take(leaving);
    await nodes.here.leases.take(staying);
    await nodes.here.leases.release(leaving);
    expect(await nodes.there.leases.node(leaving.nodeId)).toBeUndefined();
    expect(await nodes.here.leases.renew(leaving)).toBe(false);
    expect(await listed()).toEqual([staying]);
  });

  it('goes by the newest generation of a node', async () => {
    const old = sampleLease({ startedAt: 1_000, address: 'http://10.0.0.1:1' });
    const young = { ...old, generation: 'young', startedAt: 2_000, address: 'http://10.0.0.1:2' };
    await nodes.here.leases.take(old);
    await nodes.here.leases.take(young);
    expect(await nodes.there.leases.node(old.nodeId)).toEqual(young);
    await nodes.here.leases.release(old);
    expect(await nodes.there.leases.node(old.nodeId)).toEqual(young);
    expect(await listed()).toEqual([young]);
  });

  it('shows all nodes page by page', async () => {
    const leases = Array.from({ length: 25 }, () => sampleLease());
    for (const lease of leases) await nodes.here.leases.take(lease);
    const shown = (await listed()).map(({ nodeId }) => nodeId);
    expect(new Set(shown)).toEqual(new Set(leases.map(({ nodeId }) => nodeId)));
  });

  it('refuses a cursor that it has not given', async () => {
    const reading = nodes.here.leases.nodes({ limit: 10, cursor: 'no cursor' });
    await expect(reading).rejects.toMatchObject({ code: 'bad-request' });
  });
}
