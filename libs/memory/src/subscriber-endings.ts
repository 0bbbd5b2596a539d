import type { EventGuid } from '@ringback/contract';
import type { StoredSubscription } from '@ringback/core';
import type { EventTable } from './event-table.js';
import type { HeldEvents } from './held-events.js';
import type { Mailboxes } from './mailboxes.js';

/** Ends what subscribers hold, otherwise than by a cut, with all that follows from it. */
export class SubscriberEndings {
  constructor(
    private readonly table: EventTable,
    private readonly held: HeldEvents,
    private readonly mailboxes: Mailboxes,
  ) {}

  /** Ends what the subscriber has of one event. Answers the subscriptions that were ended. */
  end(eventguid: EventGuid, subscriber: string): readonly StoredSubscription[] {
    const event = this.table.find(eventguid);
    this.held.delete(subscriber, eventguid);
    const ended = event?.remove(subscriber) ?? [];
    if (event && ended.length > 0) this.table.use(event);
    for (const subscription of ended) this.mailboxes.presence('leave', subscription);
    return ended;
  }

  /** Ends all that the subscriber holds. */
  endAll(subscriber: string): void {
    for (const { eventguid } of this.held.of(subscriber)) this.end(eventguid, subscriber);
  }
}
