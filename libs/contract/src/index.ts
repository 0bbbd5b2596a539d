export { CLOSE_REASONS, mayReconnect, type CloseReason, type CloseReasonName } from './close-codes.js';
export {
  parseAcknowledge,
  parseSubscribe,
  parseTrigger,
  parseUnsubscribe,
  SUBSCRIBE_OPTIONS,
  type Command,
  type SubscribeRequest,
} from './command.js';
export type { Data, Envelope, Labels } from './envelope.js';
export { ERROR_CODES, isErrorCode, type ErrorCode, type ErrorCodeEntry } from './error-codes.js';
export { EVENTGUID_BYTES, parseEventGuid, type EventGuid } from './eventguid.js';
export { HubError } from './hub-error.js';
export type { InboundLimits } from './inbound-limits.js';
export { DEFAULT_LIMITS, type Limits } from './limits.js';
export { formatPosition, parsePosition, type Position } from './position.js';
export {
  bearerToken,
  isCrossOrigin,
  normalizeOrigin,
  originHeaders,
  type Origins,
} from './request-headers.js';
export { isWellFormed, utf8Bytes } from './text.js';
export type { Presence } from './presence.js';
export { RECEIPT_TIMEOUT, WAIT_OPTIONS, parseWait, type Receipt } from './receipt.js';
export { isSampled, parseTraceContext, type TraceContext } from './trace-context.js';
export { SUBSCRIBER_ID_BYTES, parseSubscriberId } from './subscriber-id.js';
export {
  LABEL_BYTES,
  parseData,
  parseOptions,
  parseTriggerOptions,
  type Published,
  type Trigger,
  type TriggerOptions,
} from './trigger.js';
export {
  CLIENT_METHODS,
  METHODS,
  deliveryMeta,
  type AcknowledgeReply,
  type DeliveryMeta,
  type DescribeReply,
  type ErrorReply,
  type SubscribeReply,
  type TriggerReply,
  type UnsubscribeReply,
} from './wire.js';
