import type { Data } from '@ringback/contract';
import type { Delivery, LinkDelivery } from './delivery.js';

/** A delivery as a handler gets it: what came over the link, and the way to acknowledge it. */
export class HandedDelivery implements Delivery {
  declare readonly eventguid: string;
  declare readonly cookie: string;
  declare readonly data: Data;
  declare readonly position: string;
  declare readonly time: number;
  readonly #onAcknowledge: () => void;

  constructor(delivery: LinkDelivery, onAcknowledge: () => void) {
    Object.assign(this, delivery);
    this.#onAcknowledge = onAcknowledge;
  }

  acknowledge(): void {
    this.#onAcknowledge();
  }
}
