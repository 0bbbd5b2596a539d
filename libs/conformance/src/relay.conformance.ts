import { describe } from '@jest/globals';
import { ClusterOfTwo } from './cluster-of-two.js';
import type { PortClusterFactory } from './port-cluster.js';
import { describeEpochs } from './relay-epoch.conformance.js';
import { describeHistory } from './relay-history.conformance.js';
import { describeOrder } from './relay-order.conformance.js';
import { describePublishing } from './relay-publish.conformance.js';
import { describeReceipts } from './relay-receipt.conformance.js';
import { describeRelaying } from './relay-follow.conformance.js';
import { describeStandings } from './relay-standings.conformance.js';

/** What every adapter of the port `Relay` has to do. */
export function describeRelay(name: string, cluster: PortClusterFactory): void {
  describe(`${name} as a relay`, () => {
    const nodes = new ClusterOfTwo(cluster);
    describe('following', () => describeRelaying(nodes));
    describe('publishing', () => describePublishing(nodes));
    describe('order', () => describeOrder(nodes));
    describe('receipts', () => describeReceipts(nodes));
    describe('history', () => describeHistory(nodes));
    describe('standings', () => describeStandings(nodes));
    describe('epochs', () => describeEpochs(nodes));
  });
}
