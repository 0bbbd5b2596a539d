import { TurnBudget } from '@ringback/async';
import type { EventGuid, Position } from '@ringback/contract';
import {
  isNamed,
  type Clock,
  type EventSummary,
  type LeaseId,
  type Members,
  type NewSubscription,
  type Page,
  type PageRequest,
  type PutResult,
  type Resumption,
  type StoredSubscription,
  type SubscriptionStore,
} from '@ringback/core';
import { bytesOf } from './durable-bytes.js';
import type { EventTable } from './event-table.js';
import type { HeldEvents } from './held-events.js';
import type { MemoryEvent } from './memory-event.js';
import type { Mailboxes } from './mailboxes.js';
import type { SubscriberEndings } from './subscriber-endings.js';

/** The subscriptions of a `MemoryCluster`; the same for all of its nodes. */
export class MemorySubscriptionStore implements SubscriptionStore {
  private readonly turns = new TurnBudget();

  constructor(
    private readonly table: EventTable,
    private readonly held: HeldEvents,
    private readonly endings: SubscriberEndings,
    private readonly mailboxes: Mailboxes,
    private readonly clock: Clock,
  ) {}

  async put(subscription: NewSubscription): Promise<PutResult> {
    const { eventguid, subscriber } = subscription;
    const event = this.table.open(eventguid);
    this.dropUnlessHeld(eventguid, subscriber); // what was acknowledged before does not count for a new one
    this.held.assertRoom(subscriber, eventguid, bytesKept(event, subscriber, subscription.cookie));
    const present = event.subscriptions.get(subscriber);
    const result = event.put(subscription, this.clock.now());
    if (result.ended) return result;
    this.keep(event, subscriber);
    if (!present) this.mailboxes.presence('join', subscription);
    return result;
  }

  async restore(subscriptions: readonly StoredSubscription[]): Promise<void> {
    for (const subscription of subscriptions) this.restoreOne(subscription);
  }

  async remove(eventguid: EventGuid, subscriber: string, tell?: 'tell-nodes'): Promise<boolean> {
    const ended = this.endings.end(eventguid, subscriber);
    if (tell) for (const subscription of ended) this.mailboxes.removal(subscription);
    await this.mailboxes.flushed(); // what was triggered before is delivered before the subscription is gone
    return ended.length > 0;
  }

  async forget(eventguid: EventGuid, subscriber: string): Promise<void> {
    // The subscriber may have come back since the cut.
    this.dropUnlessHeld(eventguid, subscriber);
  }

  async resume(
    eventguid: EventGuid,
    subscriber: string,
    lease: LeaseId,
    seen: Position | undefined,
  ): Promise<Resumption> {
    return this.table.open(eventguid).resume(subscriber, lease, seen);
  }

  async settle(eventguid: EventGuid, subscriber: string, position: Position): Promise<number> {
    const event = this.table.find(eventguid);
    if (!event) return 0;
    const upTo = event.settle(subscriber, position);
    this.table.use(event);
    this.dropUnlessHeld(eventguid, subscriber);
    return upTo;
  }

  async present(eventguid: EventGuid, limit: number): Promise<Members> {
    return this.table.find(eventguid)?.subscriptions.members(limit) ?? { members: [], total: 0 };
  }

  async removeSubscriber(
    subscriber: string,
    _lease: LeaseId,
    eventguids: readonly EventGuid[],
  ): Promise<void> {
    await this.turns.each(eventguids, (eventguid) => this.endings.end(eventguid, subscriber));
    this.endings.endAll(subscriber);
  }

  async find(eventguid: EventGuid, subscriber: string): Promise<StoredSubscription | undefined> {
    return this.table.find(eventguid)?.subscriptions.get(subscriber);
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

  private restoreOne(subscription: StoredSubscription): void {
    const { eventguid, subscriber } = subscription;
    const event = this.table.open(eventguid);
    const present = event.subscriptions.get(subscriber);
    if (!event.restore(subscription)) return this.dropUnlessHeld(eventguid, subscriber);
    this.keep(event, subscriber);
    if (!present) this.mailboxes.presence('join', subscription);
  }

  private dropUnlessHeld(eventguid: EventGuid, subscriber: string): void {
    const event = this.table.find(eventguid);
    if (event?.holds(subscriber)) this.keep(event, subscriber);
    else this.held.delete(subscriber, eventguid);
  }

  private keep(event: MemoryEvent, subscriber: string): void {
    this.held.add(subscriber, event.eventguid, bytesKept(event, subscriber));
  }
}

/** What the subscriber keeps of the event, or will keep once it has subscribed with the cookie. */
function bytesKept(event: MemoryEvent, subscriber: string, cookie?: string): number {
  if (!isNamed(subscriber)) return 0;
  return bytesOf(subscriber, event.eventguid, event.cookiesOf(subscriber, cookie));
}
