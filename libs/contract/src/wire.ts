import type { Envelope } from './envelope.js';
import type { Receipt } from './receipt.js';
import { formatPosition } from './position.js';

/** The methods of the public contract, spelled alike on every protocol. */
export const METHODS = {
  subscribe: 'SubscribeToEvent',
  unsubscribe: 'UnsubscribeFromEvent',
  trigger: 'TriggerEvent',
  acknowledge: 'Acknowledge',
} as const;

/** What the hub calls at its clients. */
export const CLIENT_METHODS = {
  /** `(eventguid, cookie, data, meta)` */
  receive: 'ReceiveEvent',
  /** `(eventguid, presence)`: who is subscribed, who came or left. */
  presence: 'ReceivePresence',
  /** `(eventguid)`: the subscription has ended otherwise than by a delivery: its one-shot is lost, or an operator removed it. */
  ended: 'SubscriptionEnded',
  /** `({ code, name, message })`, just before the hub closes the connection. */
  close: 'HubClose',
  /** `({ code, message, method? })`: what went wrong with a message that asked for no reply. */
  error: 'HubError',
} as const;

/** What a delivery says beside eventguid, cookie and data. */
export interface DeliveryMeta {
  /** `epoch:offset` */
  readonly position: string;
  /** When the trigger was accepted, in milliseconds since 1970. */
  readonly time: number;
  readonly type?: string;
  readonly contentType?: string;
  readonly source?: string;
  readonly id?: string;
  /** Where it was first triggered, if it came from another hub: `<cluster>/<epoch>:<offset>`. */
  readonly origin?: string;
  /** `base64` where the data are bytes and the protocol is text. */
  readonly encoding?: 'base64';
  /** `false`: before this envelope some were lost that the hub could not fetch any more. */
  readonly recovered?: boolean;
  /** `true`: this delivery ended the subscription. */
  readonly ended?: boolean;
}

/** The `meta` of a delivery on a text protocol. */
export function deliveryMeta(envelope: Envelope, gap: boolean): DeliveryMeta {
  const { position, time, type, contentType, source, id, origin, data, oneShot } = envelope;
  return {
    position: formatPosition(position),
    time,
    ...(type !== undefined && { type }),
    ...(contentType !== undefined && { contentType }),
    ...(source !== undefined && { source }),
    ...(id !== undefined && { id }),
    ...(origin !== undefined && { origin }),
    ...(typeof data !== 'string' && { encoding: 'base64' as const }),
    ...(gap && { recovered: false }),
    ...(oneShot && { ended: true }),
  };
}

/** The reply to `SubscribeToEvent`. */
export interface SubscribeReply {
  readonly ok: true;
  /** Where the event stands: what comes after it is delivered, and before that, if `recovered`, what came after `after`. */
  readonly position: string;
  /** Present when `after` was given and the subscription is new: whether everything after it was still there. */
  readonly recovered?: boolean;
  /** `true`: a one-shot among the recovered envelopes ended the subscription; nothing is stored. */
  readonly ended?: boolean;
  /**
   * Present where a durable subscriber's earlier subscription was resumed by this command: what came after this position is delivered first, up to the
   * first one-shot if that has ended it, before what comes after `position`.
   */
  readonly resumed?: string;
}

/** The reply to `UnsubscribeFromEvent`. */
export interface UnsubscribeReply {
  readonly ok: true;
  /** Whether there was a subscription. */
  readonly removed: boolean;
}

/** The reply to `TriggerEvent`. */
export interface TriggerReply {
  readonly ok: true;
  readonly position: string;
  readonly subscribers: number;
  /** Present if it was to wait. */
  readonly receipt?: Receipt;
}

/** The reply to `Acknowledge`: noted; it stands in the store within 250 ms. */
export interface AcknowledgeReply {
  readonly ok: true;
}

/** The reply to `DescribeHub`. */
export interface DescribeReply {
  readonly ok: true;
  /** Names the cluster in the `origin` of what is carried on to other hubs. */
  readonly clusterId: string;
}

/** The reply to a command that the hub refused or could not carry out. */
export interface ErrorReply {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
}
