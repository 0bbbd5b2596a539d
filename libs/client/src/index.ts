export { HubError, type ErrorCode, type Presence, type Receipt } from '@ringback/contract';
export { RingbackClient, connect, type SubscribeOptions, type TriggerResult } from './client.js';
export type { ClientOptions, ErrorContext } from './client-options.js';
export type { Clock } from './clock.js';
export type { Delivery, DeliveryHandler, Gap, LinkDelivery } from './delivery.js';
export { endsSubscription } from './ends-subscription.js';
export type { PresenceHandler } from './presence-list.js';
export type { ClosedReason, Status } from './status.js';
export type { Subscription, SubscriptionState } from './subscription.js';
export type {
  Link,
  LinkListener,
  SubscribeCommand,
  Transport,
  TriggerCommand,
} from './transports/transport.js';
export type { Token } from './transports/token.js';
export { makeKey, type TriggerOptions } from './trigger-options.js';
