import { describe } from '@jest/globals';
import { ClusterOfTwo } from './cluster-of-two.js';
import type { PortClusterFactory } from './port-cluster.js';
import { describeContinuing } from './store-after.conformance.js';
import { describeSettingAside } from './store-cut.conformance.js';
import { describeDurableBytes } from './store-durable-bytes.conformance.js';
import { describeListing } from './store-listing.conformance.js';
import { describeNaming } from './store-named.conformance.js';
import { describePresence } from './store-presence.conformance.js';
import { describePutting } from './store-put.conformance.js';
import { describeRemoving } from './store-remove.conformance.js';
import { describeRestoring } from './store-restore.conformance.js';
import { describeResuming } from './store-resume.conformance.js';

/** What every adapter of the port `SubscriptionStore` has to do. */
export function describeSubscriptionStore(name: string, cluster: PortClusterFactory): void {
  describe(`${name} as a subscription store`, () => {
    const nodes = new ClusterOfTwo(cluster);
    describe('putting', () => describePutting(nodes));
    describe('continuing', () => describeContinuing(nodes));
    describe('removing', () => describeRemoving(nodes));
    describe('restoring', () => describeRestoring(nodes));
    describe('listing', () => describeListing(nodes));
    describe('named subscribers', () => describeNaming(nodes));
    describe('resuming', () => describeResuming(nodes));
    describe('cuts', () => describeSettingAside(nodes));
    describe('presence', () => describePresence(nodes));
    describe('durable bytes', () => describeDurableBytes(nodes));
  });
}
