export { HubError, type ErrorCode } from '@ringback/contract';
export { RingbackClient, connect, type SubscribeOptions, type TriggerResult } from './client.js';
export type { ClientOptions, ErrorContext } from './client-options.js';
export type { Clock } from './clock.js';
export type { Delivery, DeliveryHandler, Gap } from './delivery.js';
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
