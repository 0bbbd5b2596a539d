export {
  Hub,
  type DrainSource,
  type HubPorts,
  type HubTriggerOptions,
  type SessionRequest,
  type TriggerResult,
} from './hub.js';
export {
  EVENT_ACTIONS,
  OPERATOR_ACTIONS,
  type Action,
  type EventAction,
  type OperatorAction,
} from './actions.js';
export { APPLICATION } from './application.js';
export type { CommandRate } from './command-rate.js';
export { assertCookie } from './limit-checks.js';
export type { OperatorSubscription, SubscriberStanding } from './operator.js';
export { CommandHandler, type CommandReply } from './command-handler.js';
export type { NodeService } from './node-services.js';
export type { SubscriptionWatcher } from './subscription-watchers.js';
export type { TriggerGuard } from './trigger-guard.js';
export { historyUpTo } from './kept-history.js';
export {
  HistoryPolicy,
  type HistoryLimits,
  type HistoryOptions,
  type HistoryOverride,
} from './history-policy.js';
export type { AccessPolicy, Credentials, Identity } from './ports/access-policy.port.js';
export type { Channels } from './ports/channels.port.js';
export type { Claims } from './ports/claims.port.js';
export type { Clock } from './ports/clock.port.js';
export type { ClusterKey } from './ports/cluster-key.port.js';
export type { Codec, Frame } from './ports/codec.port.js';
export type { PeerMessage, Peers } from './ports/peers.port.js';
export type {
  HeldSession,
  SessionClaim,
  SessionEvent,
  SessionHolder,
  SessionStore,
  SessionSummary,
  TakenSession,
} from './ports/session-store.port.js';
export type { ConnectionSummary, LocalConnections } from './ports/connection-directory.port.js';
export type { Connection } from './ports/connection.port.js';
export type { LeaseStore, NodeFigures, NodeLease } from './ports/lease-store.port.js';
export type { Log, LogFields } from './ports/log.port.js';
export type { DisconnectReason, Metrics, PauseCause } from './ports/metrics.port.js';
export type { Page, PageRequest } from './ports/page.js';
export type { RecordFields, RecordStore, RecordWrite } from './ports/record-store.port.js';
export type { Missed, ReceiptRequest, Relay, RelayListener, Relayed, Standing } from './ports/relay.port.js';
export type { TokenVerifier, VerifiedToken } from './ports/token-verifier.port.js';
export type { Span, Tracer } from './ports/tracer.port.js';
export { identityOf } from './named-session.js';
export { isNamed } from './ports/subscription-store.port.js';
export type {
  EventSummary,
  LeaseId,
  Members,
  NewSubscription,
  PutResult,
  ResumedSubscription,
  Resumption,
  StoredSubscription,
  SubscriptionStore,
} from './ports/subscription-store.port.js';
