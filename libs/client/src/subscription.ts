import { formatPosition, parsePosition, type Position, type SubscribeReply } from '@ringback/contract';
import type { DeliveryHandler } from './delivery.js';
import { PresenceList, type PresenceHandler } from './presence-list.js';
import type { Keeper } from './keeper.js';
import type { Link } from './transports/transport.js';

/**
 * `active`, or why nothing more is delivered: `ended` by a one-shot trigger, `removed` by the hub because that one-shot is lost or an operator
 * wanted it so (`onGap` is called), `unsubscribed` by this client, `refused` by the hub after a reconnect, `closed` with the client.
 */
export type SubscriptionState = 'active' | 'ended' | 'removed' | 'unsubscribed' | 'refused' | 'closed';

/** One event that this client is subscribed to. There is one per eventguid: subscribing again changes its cookie and handler. */
export interface Subscription {
  readonly eventguid: string;
  readonly cookie: string;
  /** `epoch:offset` of the last delivery that has come in, else where the subscription began. Changes with each delivery. */
  readonly position: string;
  /** Becomes `ended` when the delivery that ended it is handed to the handler, or is lost and `onGap` was called. */
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
  readonly onPresence?: PresenceHandler;
}

/** How a subscription begins. */
export interface Beginning {
  readonly keeper: Keeper;
  /** The program wants to go on from here. */
  readonly after?: Position;
  /** What came up to here has come in before, for an earlier subscription. */
  readonly known?: Position;
}

/** A subscription and how far it has come. */
export class ActiveSubscription implements Subscription {
  /** The link on which the hub holds it. */
  link: Link | undefined;
  /** The link on which it was last asked for. */
  askedOn: Link | undefined;
  /** Its handler is not to be called any more, though the hub may not know yet. */
  silent = false;
  /** Last position that has come in; else where to begin, if that is known. */
  last: Position | undefined;
  /** Present if it was made with presence, which it then keeps. */
  readonly presence: PresenceList | undefined;
  private over: Exclude<SubscriptionState, 'active'> | undefined;
  /** What the hub delivers for the present subscription comes after it. */
  private since: Position | undefined;
  private endedAt: Position | undefined;
  private endHandedAt: Position | undefined;
  private endedByReply = false;

  constructor(
    readonly eventguid: string,
    public wish: Wish,
    private readonly beginning: Beginning,
    private readonly end: (subscription: ActiveSubscription) => Promise<void>,
  ) {
    this.last = beginning.after ?? beginning.known;
    this.presence = wish.onPresence && new PresenceList();
  }

  get cookie(): string {
    return this.wish.cookie;
  }

  get position(): string {
    return this.last ? formatPosition(this.last) : '';
  }

  get state(): SubscriptionState {
    return this.over ?? 'active';
  }

  get ended(): boolean {
    return this.over !== undefined;
  }

  /** Whether a one-shot has ended it at the hub. The program may not have got all of it yet. */
  get cut(): boolean {
    return this.endedByReply || this.endsAt(this.endedAt);
  }

  /** Whether the delivery that ended it was handed to the program. */
  get finished(): boolean {
    return this.endsAt(this.endHandedAt);
  }

  /** Whether the reply said that it is over and the delivery which ended it is still to come. */
  get awaitsLast(): boolean {
    return this.endedByReply && !this.endsAt(this.endedAt);
  }

  unsubscribe(): Promise<void> {
    return this.end(this);
  }

  finish(state: Exclude<SubscriptionState, 'active'>): void {
    this.over ??= state;
    if (state !== 'ended') this.silent = true;
  }

  /** Where the hub is to continue, if it is asked on this link. */
  continuesAfter(link: Link): Position | undefined {
    // The link that holds it would take a position for a wish to go back.
    if (this.link === link) return undefined;
    if (this.beginning.keeper === 'connection') return this.last;
    // Before its first reply, the session knows better: it may hold what was missed while the program was away.
    if (!this.link) return this.beginning.after;
    // One that was cut begins anew.
    return this.cut ? undefined : this.last;
  }

  /** Whether a delivery is newer than the last one. Another epoch is another history, in which a lower offset may be newer. */
  expects(position: Position): boolean {
    return this.last === undefined || isAfter(position, this.last);
  }

  /** A delivery has come in. */
  received(position: Position, ended: boolean): void {
    this.last = position;
    if (ended) this.endedAt = position;
  }

  /** The delivery that ended it, at this position, is about to reach the handler. */
  endHanded(position: Position): void {
    this.endHandedAt = position;
  }

  /** The link is gone: what a session holds, it says again. */
  askAgain(): void {
    this.endedByReply = false;
  }

  /** Takes the reply to a subscribe on a link that was to continue after `asked`. Answers where the subscription goes on. */
  stored(link: Link, reply: SubscribeReply, asked: Position | undefined): Position {
    // The hub may name the event's present position; what it recovers begins where it was asked to, or where the session was.
    const start = reply.recovered && asked ? asked : parsePosition(reply.resumed ?? reply.position);
    // Where the subscription is new it begins there, unless deliveries have told more. Where the hub held it already, or this link did,
    // only the cookie has changed, and deliveries before the reply's position may be on their way.
    const isNew = this.link !== link && (asked === undefined || reply.recovered !== undefined);
    if (isNew && this.last === asked) this.last = start;
    this.last ??= start;
    this.since = this.sinceOf(reply, start, asked);
    this.endedByReply = reply.ended === true;
    this.link = link;
    return start;
  }

  private sinceOf(reply: SubscribeReply, start: Position, asked: Position | undefined): Position {
    if (this.beginning.keeper === 'connection') return start;
    // Resuming on the next link takes up the same subscription again; what a cut has ended before it was made comes with it.
    if (asked && this.since) return this.since;
    return reply.recovered && asked ? asked : parsePosition(reply.position);
  }

  /** A one-shot at or before `since` ended an earlier subscription of this client, not the present one. */
  private endsAt(position: Position | undefined): boolean {
    if (!position || !this.since || this.beginning.keeper === 'connection') {
      return position !== undefined && (this.since === undefined || isAfter(position, this.since));
    }
    // A session may hold cuts of closed epochs; offsets go on across epochs.
    return position.offset > this.since.offset;
  }
}

function isAfter(position: Position, other: Position): boolean {
  return position.epoch !== other.epoch || position.offset > other.offset;
}
