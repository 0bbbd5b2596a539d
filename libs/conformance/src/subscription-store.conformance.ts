import { describe } from '@jest/globals';
import { ClusterOfTwo } from './cluster-of-two.js';
import type { PortClusterFactory } from './port-cluster.js';
import { describeContinuing } from './store-after.conformance.js';
import { describeListing } from './store-listing.conformance.js';
import { describePutting } from './store-put.conformance.js';
import { describeRemoving } from './store-remove.conformance.js';
import { describeRestoring } from './store-restore.conformance.js';

/** What every adapter of the port `SubscriptionStore` has to do. */
export function describeSubscriptionStore(name: string, cluster: PortClusterFactory): void {
  describe(`${name} as a subscription store`, () => {
    const nodes = new ClusterOfTwo(cluster);
    describe('putting', () => describePutting(nodes));
    describe('continuing', () => describeContinuing(nodes));
    describe('removing', () => describeRemoving(nodes));
    describe('restoring', () => describeRestoring(nodes));
    describe('listing', () => describeListing(nodes));
  });
}
