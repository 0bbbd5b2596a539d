import { parsePosition, type Position } from '@ringback/contract';
import { backoffMs } from './backoff.js';
import type { Settings } from './client-options.js';
import type { Delivery, LinkDelivery } from './delivery.js';
import { HandedDelivery } from './handed-delivery.js';
import type { OnHanding } from './handover.js';
import type { Observers } from './observers.js';
import { Pauses } from './pauses.js';
import type { ActiveSubscription } from './subscription.js';

/** What the inboxes of one client have in common. */
export interface InboxContext {
  readonly settings: Pick<
    Settings,
    'clock' | 'minDelayMs' | 'maxDelayMs' | 'autoAcknowledge' | 'mostWaiting'
  >;
  readonly observers: Observers;
  readonly onHanding: OnHanding;
  /** Everything of the event up to the position has been processed. */
  onProcessed(eventguid: string, position: Position): void;
  /** Handlers have caught up: what was refused may come again. */
  onRoom(): void;
  /** Nothing of the event waits any more. */
  onIdle(eventguid: string): void;
}

interface Waiting {
  readonly subscription: ActiveSubscription;
  readonly delivery: Delivery;
  /** 1, 2, 3 … in the order in which they came. */
  readonly number: number;
}

/**
 * What has come in of one event and waits for its handler, which gets it in order, one at a time, and again until it succeeds. Then it
 * is acknowledged: so everything before it has been processed too.
 */
export class Inbox {
  /** The last that was taken. */
  last: Position | undefined;
  private readonly waiting: Waiting[] = [];
  private readonly pauses: Pauses;
  private working = false;
  private full = false;
  private taken = 0;
  private processed = 0;

  constructor(
    private readonly eventguid: string,
    private readonly context: InboxContext,
  ) {
    this.pauses = new Pauses(context.settings.clock);
  }

  get hasRoom(): boolean {
    return !this.full && this.waiting.length < this.context.settings.mostWaiting;
  }

  /** Whether nothing waits and all that came was processed, or nobody wants it any more. */
  get idle(): boolean {
    return !this.working && this.processed === this.taken;
  }

  take(subscription: ActiveSubscription, delivery: LinkDelivery): void {
    const number = ++this.taken;
    const position = parsePosition(delivery.position);
    const acknowledge = (): void => this.acknowledge(number, position);
    this.waiting.push({ subscription, delivery: new HandedDelivery(delivery, acknowledge), number });
    this.last = position;
    if (!this.working) this.context.observers.background(this.work(), { eventguid: this.eventguid });
  }

  /** Has no room until half of what waits is processed. */
  overrun(): void {
    this.full = true;
  }

  clear(): void {
    this.waiting.length = 0;
    this.last = undefined;
    this.full = false;
    this.processed = this.taken;
    this.pauses.endAll();
  }

  private async work(): Promise<void> {
    this.working = true;
    for (let item = this.waiting[0]; item; item = this.waiting[0]) {
      await this.process(item);
      if (this.waiting[0] === item) this.waiting.shift();
      this.makeRoom();
    }
    this.working = false;
    this.context.onIdle(this.eventguid);
  }

  private makeRoom(): void {
    if (!this.full || this.waiting.length > this.context.settings.mostWaiting / 2) return;
    this.full = false;
    this.context.onRoom();
  }

  private async process(item: Waiting): Promise<void> {
    for (let attempt = 1; this.isWanted(item); attempt++) {
      if (attempt === 1) this.context.onHanding(item.subscription, item.delivery);
      if (await this.succeeds(item)) return;
      // Not drawn as for reconnecting: a handler that fails is alone with its fault.
      if (this.isWanted(item)) {
        await this.pauses.pause(backoffMs(attempt, { ...this.context.settings, random: () => 1 }));
      }
    }
  }

  private async succeeds({ subscription, delivery, number }: Waiting): Promise<boolean> {
    const { observers, settings } = this.context;
    try {
      await subscription.wish.handler(delivery);
    } catch (error) {
      observers.error(error, { eventguid: this.eventguid, position: delivery.position });
      return number <= this.processed;
    }
    if (settings.autoAcknowledge) delivery.acknowledge();
    return true;
  }

  private isWanted(item: Waiting): boolean {
    return !item.subscription.silent && this.waiting[0] === item;
  }

  private acknowledge(number: number, position: Position): void {
    if (number <= this.processed) return;
    this.processed = number;
    this.context.onProcessed(this.eventguid, position);
  }
}
