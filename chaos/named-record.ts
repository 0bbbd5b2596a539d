import { parsePosition, type DeliveryMeta, type SubscribeReply } from '@ringback/contract';
import type { History } from './history.js';

/** Where a named subscriber stands with one event. */
interface Standing {
  /** The cookie that was left last, while its answer is not known. */
  unanswered?: string;
  /** Where its last subscription was stored. */
  subscribed?: string;
  /** The one-shot that was delivered last. */
  ended?: string;
}

/**
 * What a named subscriber has left and received, as the history knows it: unlike the program, it outlasts every crash. Each cookie is left only once, and so
 * tells what it belongs to.
 */
export class NamedRecord {
  private static made = 0;

  private readonly standings = new Map<string, Standing>();
  private readonly subscriptions = new Map<string, string>();
  /** The last position that came on a connection, by connection and event. */
  private readonly last = new Map<string, string>();

  constructor(
    readonly subscriber: string,
    private readonly history: History,
  ) {}

  /** A new cookie is being left. Answers it. */
  asks(eventguid: string, connection: number): { readonly subscription: string; readonly cookie: string } {
    const { subscriber } = this;
    const subscription = `${subscriber}/${eventguid}/n${++NamedRecord.made}`;
    const cookie = `${subscription} "\t⌘`;
    this.subscriptions.set(cookie, subscription);
    this.standing(eventguid).unanswered = subscription;
    this.history.add({ kind: 'asked', subscription, subscriber, eventguid, cookie, connection });
    return { subscription, cookie };
  }

  subscribed(subscription: string, eventguid: string, connection: number, reply: SubscribeReply): void {
    const { position, recovered, resumed } = reply;
    this.history.add({ kind: 'subscribed', subscription, eventguid, connection, position });
    const standing = this.standing(eventguid);
    standing.subscribed = position;
    if (standing.unanswered === subscription) delete standing.unanswered;
    if (recovered === false)
      this.history.add({ kind: 'gap', subscription, eventguid, connection, position: resumed ?? position });
  }

  received(connection: number, eventguid: string, cookie: string, data: string, meta: DeliveryMeta): void {
    const { position, recovered, ended } = meta;
    const subscription = this.subscriptions.get(cookie) ?? `${this.subscriber}/${eventguid}/?`;
    const names = { subscription, eventguid, connection };
    const place = `${connection} ${eventguid}`;
    const after = this.last.get(place);
    this.last.set(place, position);
    if (recovered === false) this.history.add({ kind: 'gap', ...names, ...(after && { after }), position });
    const marks = { ...(recovered !== undefined && { recovered }), ...(ended !== undefined && { ended }) };
    this.history.add({ kind: 'delivered', ...names, cookie, position, trigger: Number(data), ...marks });
    if (ended === true) this.standing(eventguid).ended = position;
  }

  /** The hub says that the subscription is over though no delivery has said so. */
  ended(eventguid: string, connection: number): void {
    const what = `${this.subscriber}: ${eventguid} ended without a delivery on connection ${connection}`;
    this.history.add({ kind: 'noted', what });
    delete this.standing(eventguid).subscribed;
  }

  /** The last position that came on the connection. */
  lastOn(connection: number, eventguid: string): string | undefined {
    return this.last.get(`${connection} ${eventguid}`);
  }

  /** Whether it is to leave a cookie: none stands, as far as answers and deliveries tell, or it is not known which. */
  lacks(eventguid: string): boolean {
    const { unanswered, subscribed, ended } = this.standing(eventguid);
    if (unanswered !== undefined || subscribed === undefined) return true;
    return ended !== undefined && parsePosition(ended).offset > parsePosition(subscribed).offset;
  }

  private standing(eventguid: string): Standing {
    const standing = this.standings.get(eventguid) ?? {};
    this.standings.set(eventguid, standing);
    return standing;
  }
}
