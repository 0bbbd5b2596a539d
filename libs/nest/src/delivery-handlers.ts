import { parsePosition, type DeliveryMeta, type Position } from '@ringback/contract';

/** One event as the application gets it. */
export interface HubDelivery {
  readonly eventguid: string;
  readonly cookie: string;
  /** Bytes stand in base64, and `meta.encoding` says so. */
  readonly data: string;
  readonly meta: DeliveryMeta;
}

/** Called for each delivery, in the order of positions of its event. A promise is not waited for. What it throws is logged and stops nothing. */
export type HubDeliveryHandler = (delivery: HubDelivery) => unknown;

/** A handler and from where on it counts. */
interface HandlerEntry {
  readonly cookie: string;
  readonly handler: HubDeliveryHandler;
  /** Where the event stood when the hub stored the subscription; `undefined` while it has not answered. */
  since?: Position;
  /** The one before, for what comes up to there. */
  previous?: HandlerEntry | undefined;
}

/**
 * Who is called for the deliveries of each event. When the application subscribes again, what was on its way is still the earlier handler's, and a one-shot
 * among it ends the earlier subscription and not the new one.
 */
export class DeliveryHandlers {
  private readonly entries = new Map<string, HandlerEntry>();

  /** To be called before the hub is asked: the first delivery may come before the answer. */
  add(eventguid: string, cookie: string, handler: HubDeliveryHandler): void {
    const previous = this.entries.get(eventguid);
    if (previous) previous.previous = undefined; // two generations are all that the hub delivers to
    this.entries.set(eventguid, { cookie, handler, previous });
  }

  /** The hub has stored the subscription that was added last. */
  confirm(eventguid: string, since: Position): void {
    const entry = this.entries.get(eventguid);
    if (entry) entry.since = since;
  }

  /** The hub has not stored the subscription that was added last: the one before goes on. */
  cancel(eventguid: string): void {
    const previous = this.entries.get(eventguid)?.previous;
    if (previous) this.entries.set(eventguid, previous);
    else this.entries.delete(eventguid);
  }

  remove(eventguid: string): void {
    this.entries.delete(eventguid);
  }

  /** Who is to be called for the delivery; one that ends a subscription is the last of its handler. */
  accept(delivery: HubDelivery): HubDeliveryHandler | undefined {
    const { eventguid, meta } = delivery;
    const entry = this.entries.get(eventguid);
    const { previous } = entry ?? {};
    if (entry && previous && isBefore(entry, previous, delivery)) {
      if (meta.ended) entry.previous = undefined;
      return previous.handler;
    }
    if (meta.ended) this.entries.delete(eventguid);
    return entry?.handler;
  }
}

/** Whether the delivery belongs to what was subscribed before. While the hub has not answered, a one-shot does: it cannot end what is not stored. */
function isBefore({ since, cookie }: HandlerEntry, previous: HandlerEntry, delivery: HubDelivery): boolean {
  const { meta } = delivery;
  if (!since) return meta.ended === true || delivery.cookie !== cookie;
  const { epoch, offset } = parsePosition(meta.position);
  return epoch === since.epoch ? offset <= since.offset : epoch === previous.since?.epoch;
}
