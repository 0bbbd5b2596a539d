import { describe } from '@jest/globals';
import { ClusterOfTwo } from './cluster-of-two.js';
import type { PortClusterFactory } from './port-cluster.js';
import { describeAcknowledging } from './session-acknowledge.conformance.js';
import { describeLeaving } from './session-away.conformance.js';
import { describeSessionEvents } from './session-events.conformance.js';
import { describeExpiring } from './session-expire.conformance.js';
import { describeSessionRestoring } from './session-restore.conformance.js';
import { describeTaking } from './session-take.conformance.js';

/** What every adapter of the port `SessionStore` has to do. */
export function describeSessionStore(name: string, cluster: PortClusterFactory): void {
  describe(`${name} as a session store`, () => {
    const nodes = new ClusterOfTwo(cluster);
    describe('taking', () => describeTaking(nodes));
    describe('events', () => describeSessionEvents(nodes));
    describe('acknowledging', () => describeAcknowledging(nodes));
    describe('leaving', () => describeLeaving(nodes));
    describe('expiring', () => describeExpiring(nodes));
    describe('restoring', () => describeSessionRestoring(nodes));
  });
}
