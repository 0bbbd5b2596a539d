export { describeAccessPolicy } from './access-policy.conformance.js';
export type { ClientDelivery, GatewayClient } from './gateway-harness.js';
export { describeGateway } from './gateway.conformance.js';
export { describeLeaseStore } from './lease-store.conformance.js';
export type { NodePorts, PortCluster, PortClusterFactory, PortClusterOptions } from './port-cluster.js';
export { describeRelay } from './relay.conformance.js';
export { describeSubscriptionStore } from './subscription-store.conformance.js';
export { waitFor } from './wait-for.js';
