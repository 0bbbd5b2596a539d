import { afterEach, beforeEach, describe } from '@jest/globals';
import { describeGatewayAccess } from './gateway-access.conformance.js';
import { GatewayCluster } from './gateway-cluster.js';
import { describeConnections } from './gateway-connection.conformance.js';
import { describeDelivery } from './gateway-delivery.conformance.js';
import { describeErrors } from './gateway-error.conformance.js';
import { describeFlood } from './gateway-flood.conformance.js';
import type { GatewayHarness } from './gateway-harness.js';
import { describeNamedIdentity } from './gateway-named-identity.conformance.js';
import { describeNamed } from './gateway-named.conformance.js';
import { describeOrder } from './gateway-order.conformance.js';
import { describePresence } from './gateway-presence.conformance.js';
import { describeReceipts } from './gateway-receipts.conformance.js';
import { describeRecovery } from './gateway-recovery.conformance.js';
import { describeSubscribing } from './gateway-subscription.conformance.js';

/** What every client protocol has to do. Called from the spec of the gateway, with its own stock client. */
export function describeGateway(name: string, harness: GatewayHarness): void {
  describe(`${name} as a gateway`, () => {
    let cluster: GatewayCluster;

    beforeEach(async () => {
      cluster = await GatewayCluster.start(harness);
    });

    afterEach(async () => {
      await cluster.close();
    });

    const { capabilities } = harness;
    describe('delivery', () => describeDelivery(() => cluster, capabilities));
    describe('subscribing', () => describeSubscribing(() => cluster, capabilities));
    describe('errors', () => describeErrors(() => cluster, capabilities));
    describe('connections', () => describeConnections(() => cluster, capabilities));
    if (capabilities.subscribesAnyTime) describe('floods', () => describeFlood(() => cluster, capabilities));
    if (capabilities.triggers) describe('order', () => describeOrder(() => cluster, capabilities));
    if (capabilities.recovery) describe('recovery', () => describeRecovery(() => cluster));
    if (capabilities.named) {
      describe('named subscribers', () => describeNamed(() => cluster, capabilities));
      describe('their identity', () => describeNamedIdentity(() => cluster, capabilities));
    }
    if (capabilities.receipts) describe('receipts', () => describeReceipts(() => cluster, capabilities));
    if (capabilities.presence) describe('presence', () => describePresence(() => cluster, capabilities));
  });
  describeGatewayAccess(name, harness);
}
