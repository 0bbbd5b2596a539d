export { HubError, type ErrorCode } from '@ringback/contract';
export type {
  AccessPolicy,
  Action,
  Credentials,
  Identity,
  TokenVerifier,
  VerifiedToken,
} from '@ringback/core';
export type { ClusterPorts } from './cluster-ports.js';
export type { HubDelivery, HubDeliveryHandler } from './delivery-handlers.js';
export { HubClient, type HubTriggered } from './hub-client.js';
export { httpAddress } from './node-address.js';
export { openClusterPorts } from './open-ports.js';
export { RingbackModule } from './ringback.module.js';
export { RingbackNode } from './ringback-node.js';
export type { RingbackAsyncOptions, RingbackModuleOptions, RingbackOptions } from './ringback.options.js';
export {
  ACCESS_POLICY,
  CLUSTER_PORTS,
  LOG,
  METRICS,
  RINGBACK_OPTIONS,
  TOKEN_VERIFIER,
  TRACER,
} from './tokens.js';
