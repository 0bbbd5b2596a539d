import { formatPosition, parsePosition, type Position, type SubscribeReply } from '@ringback/contract';
import type { DeliveryHandler } from './delivery.js';
import type { Link } from './transports/transport.js';

/**
 * `active`, or why nothing more is delivered: `ended` by a one-shot trigger, `unsubscribed` by this client, `refused` by the hub after a
 * reconnect, `closed` with the client.
 */
export type SubscriptionState = 'active' | 'ended' | 'unsubscribed' | 'refused' | 'closed';

/** One event that this client is subscribed to. There is one per eventguid: subscribing again changes its cookie and handler. */
export interface Subscription {
  readonly eventguid: string;
  readonly cookie: string;
  /** `epoch:offset` of the last delivery, else where the subscription began. Changes with each delivery. */
  readonly position: string;
  readonly state: SubscriptionState;
  /** Whether it is over. It is not subscribed again by itself then. */
  readonly ended: boolean;
  /** Ends it, as `RingbackClient.unsubscribe` does; a later subscription to the same event is left alone. */
  unsubscribe(): Promise<void>;
}

/** What a program leaves with the hub: its cookie, and who hears. */
export interface Wish {
  readonly cookie: string;
  readonly handler: DeliveryHandler;
}

/** A subscription and how far it has come. */
export class ActiveSubscription implements Subscription {
  /** The link on which the hub holds it. */
  link: Link | undefined;
  /** The link on which it was last asked for. */
  askedOn: Link | undefined;
  /** Its handler is not to be called any more, though the hub may not know yet. */
  silent = false;
  /** Last position delivered; else where to begin, if that is known. */
  last: Position | undefined;
  private over: Exclude<SubscriptionState, 'active'> | undefined;
  /** What the hub delivers for the present subscription comes after it. */
  private since: Position | undefined;
  private endedAt: Position | undefined;
  private endedByReply = false;

  constructor(
    readonly eventguid: string,
    public wish: Wish,
    after: string | undefined,
    private readonly end: (subscription: ActiveSubscription) => Promise<void>,
  ) {
    if (after !== undefined) this.last = parsePosition(after);
  }

  get cookie(): string {
    return this.wish.cookie;
  }

  get position(): string {
    return this.last ? formatPosition(this.last) : '';
  }

  get state(): SubscriptionState {
    return this.over ?? (this.ended ? 'ended' : 'active');
  }

  get ended(): boolean {
    return this.over !== undefined || this.endedByReply || this.endedByDelivery;
  }

  /** Whether the reply said that it is over and the delivery which ended it is still to come. */
  get awaitsLast(): boolean {
    return this.endedByReply && !this.endedByDelivery;
  }

  unsubscribe(): Promise<void> {
    return this.end(this);
  }

  finish(state: Exclude<SubscriptionState, 'active'>): void {
    this.over ??= state;
  }

  /** Whether a delivery is newer than the last one. Another epoch is another history, in which a lower offset may be newer. */
  expects(position: Position): boolean {
    return this.last === undefined || isAfter(position, this.last);
  }

  delivered(position: Position, ended: boolean): void {
    this.last = position;
    if (ended) this.endedAt = position;
  }

  /** Takes the reply to a subscribe on a link that was sent when `asked` was the last position. */
  stored(link: Link, reply: SubscribeReply, asked: Position | undefined): void {
    // The hub may name the event's present position; what it recovers begins where it was asked to.
    const since = reply.recovered === true && asked ? asked : parsePosition(reply.position);
    // Where the subscription is new it begins there, unless deliveries have told more. Where the hub held it already, or this link did,
    // only the cookie has changed, and deliveries before the reply's position may be on their way.
    const isNew = this.link !== link && (asked === undefined || reply.recovered !== undefined);
    if (isNew && this.last === asked) this.last = since;
    this.last ??= since;
    this.since = since;
    this.endedByReply = reply.ended === true;
    this.link = link;
  }

  /** A one-shot at or before `since` ended an earlier subscription of this client, not the present one. */
  private get endedByDelivery(): boolean {
    return this.endedAt !== undefined && (this.since === undefined || isAfter(this.endedAt, this.since));
  }
}

function isAfter(position: Position, other: Position): boolean {
  return position.epoch !== other.epoch || position.offset > other.offset;
}
