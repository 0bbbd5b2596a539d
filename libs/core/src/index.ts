export { Hub, type HubPorts, type SubscribeRequest } from './hub.js';
export type { AccessPolicy, Action, Credentials, Identity } from './ports/access-policy.port.js';
export type { Clock } from './ports/clock.port.js';
export type { Codec, Frame } from './ports/codec.port.js';
export type { ConnectionDirectory, ConnectionSummary } from './ports/connection-directory.port.js';
export type { Connection } from './ports/connection.port.js';
export type { LeaseStore, NodeFigures, NodeLease } from './ports/lease-store.port.js';
export type { Log, LogFields } from './ports/log.port.js';
export type { DisconnectReason, Metrics } from './ports/metrics.port.js';
export type { Page, PageRequest } from './ports/page.js';
export type { Missed, Relay, RelayListener, Relayed, Standing } from './ports/relay.port.js';
export type {
  EventSummary,
  LeaseId,
  NewSubscription,
  PutResult,
  StoredSubscription,
  SubscriptionStore,
} from './ports/subscription-store.port.js';
