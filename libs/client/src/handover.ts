import { HubError, type Position } from '@ringback/contract';
import type { LinkDelivery } from './delivery.js';
import { HandedDelivery } from './handed-delivery.js';
import type { Observers } from './observers.js';
import type { ActiveSubscription } from './subscription.js';

/** Told just before a delivery reaches the handler of its subscription, for the first time. */
export type OnHanding = (subscription: ActiveSubscription, delivery: LinkDelivery) => void;

/** The way of deliveries from the link to the handlers. */
export interface Handover {
  /** Whether another delivery of the event may come in. */
  hasRoom(eventguid: string): boolean;
  /** Takes charge of a delivery: it reaches the handler that the subscription has then, after those taken before. */
  take(subscription: ActiveSubscription, delivery: LinkDelivery): void;
  /** No more may come in of the event until handlers have caught up. */
  overrun(eventguid: string): void;
  /** The position of the last delivery of the event, if the hub might deliver up to it again. */
  known(eventguid: string): Position | undefined;
  /** The hub holds the event's subscription on the present link. */
  stored(eventguid: string): void;
  /** A new link is there. */
  linked(): void;
  lost(): void;
  /** What waits of the event reaches nobody any more. */
  drop(eventguid: string): void;
  /** Nothing reaches anybody any more. */
  close(): void;
}

/** Hands each delivery over as it comes and waits for nobody: all that a client without a session needs. */
export class DirectHandover implements Handover {
  constructor(
    private readonly observers: Observers,
    private readonly onHanding: OnHanding,
  ) {}

  take(subscription: ActiveSubscription, delivery: LinkDelivery): void {
    const { handler } = subscription.wish;
    this.onHanding(subscription, delivery);
    if (!subscription.silent) {
      this.observers.delivery(handler, new HandedDelivery(delivery, refuseToAcknowledge));
    }
  }

  hasRoom(): boolean {
    return true;
  }

  known(): undefined {
    return undefined;
  }

  overrun(): void {}
  stored(): void {}
  linked(): void {}
  lost(): void {}
  drop(): void {}
  close(): void {}
}

function refuseToAcknowledge(): never {
  throw new HubError(
    'bad-request',
    'Only a client with a subscriberId acknowledges: the hub keeps nothing for others.',
  );
}
