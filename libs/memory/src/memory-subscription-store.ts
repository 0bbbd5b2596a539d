import type { EventGuid } from '@ringback/contract';
import type {
  Clock,
  EventSummary,
  LeaseId,
  NewSubscription,
  Page,
  PageRequest,
  PutResult,
  RelayListener,
  StoredSubscription,
  SubscriptionStore,
} from '@ringback/core';
import type { EventTable } from './event-table.js';
import type { HeldEvents } from './held-events.js';
import type { Mailbox } from './mailbox.js';

/** The subscriptions of a `MemoryCluster`; the same for all of its nodes. */
export class MemorySubscriptionStore implements SubscriptionStore {
  constructor(
    private readonly table: EventTable,
    private readonly held: HeldEvents,
    private readonly mailboxes: readonly Mailbox[],
    private readonly clock: Clock,
  ) {}

  async put(subscription: NewSubscription): Promise<PutResult> {
    const { eventguid, subscriber } = subscription;
    const result = this.table.open(eventguid).put(subscription, this.clock.now());
    if (!result.ended) this.held.add(subscriber, eventguid);
    return result;
  }

  async restore(subscriptions: readonly StoredSubscription[]): Promise<void> {
    for (const subscription of subscriptions) {
      const { eventguid, subscriber } = subscription;
      if (this.table.open(eventguid).restore(subscription)) this.held.add(subscriber, eventguid);
    }
  }

  async remove(eventguid: EventGuid, subscriber: string, tell?: 'tell-nodes'): Promise<boolean> {
    const removed = this.end(eventguid, subscriber);
    if (removed && tell) this.tell(removed);
    return removed !== undefined;
  }

  async forget(eventguid: EventGuid, subscriber: string): Promise<void> {
    // The subscriber may have come back since the cut.
    if (!this.stored(eventguid, subscriber)) this.held.delete(subscriber, eventguid);
  }

  async removeSubscriber(
    subscriber: string,
    _lease: LeaseId,
    eventguids: readonly EventGuid[],
  ): Promise<void> {
    for (const eventguid of new Set([...eventguids, ...this.held.of(subscriber)])) {
      this.end(eventguid, subscriber);
    }
  }

  async find(eventguid: EventGuid, subscriber: string): Promise<StoredSubscription | undefined> {
    return this.stored(eventguid, subscriber);
  }

  async subscriptions(eventguid: EventGuid, page: PageRequest): Promise<Page<StoredSubscription>> {
    return this.table.find(eventguid)?.subscriptions.page(page) ?? { items: [] };
  }

  async event(eventguid: EventGuid): Promise<EventSummary | undefined> {
    return this.table.find(eventguid)?.summary;
  }

  async events(page: PageRequest): Promise<Page<EventSummary>> {
    return this.table.page(page);
  }

  async touch(eventguids: readonly EventGuid[]): Promise<void> {
    for (const eventguid of eventguids) {
      const event = this.table.find(eventguid);
      if (event) this.table.use(event);
    }
  }

  private stored(eventguid: EventGuid, subscriber: string): StoredSubscription | undefined {
    return this.table.find(eventguid)?.subscriptions.get(subscriber);
  }

  private end(eventguid: EventGuid, subscriber: string): StoredSubscription | undefined {
    const event = this.table.find(eventguid);
    const subscription = event?.subscriptions.get(subscriber);
    this.held.delete(subscriber, eventguid);
    if (!event || !subscription) return undefined;
    event.subscriptions.delete(subscriber);
    this.table.use(event);
    return subscription;
  }

  private tell({ eventguid, subscriber, subscriptionId }: StoredSubscription): void {
    const hand = (listener: RelayListener) => listener.onRemoved(eventguid, subscriber, subscriptionId);
    for (const mailbox of this.mailboxes) mailbox.post(eventguid, hand);
  }
}
