import type { EventGuid } from '@ringback/contract';
import { FollowedEvent } from './followed-event.js';
import type { Holder, LocalSubscription } from './local-subscription.js';
import type { Clock } from './ports/clock.port.js';
import type { Log } from './ports/log.port.js';
import type { Metrics } from './ports/metrics.port.js';
import type { ReceiptRequest, Relay, RelayListener, Relayed } from './ports/relay.port.js';
import type { Span, Tracer } from './ports/tracer.port.js';
import type { Tally } from './tally.js';
import { RecentBudget } from './recent-envelopes.js';

export interface FanoutPorts {
  readonly relay: Relay;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer;
}

/** What a node keeps of the newest envelopes of all events that it follows. */
const RECENT_BYTES = 64 * 1024 * 1024;
/** Events compared with the relay at a time. */
const COMPARED_AT_A_TIME = 500;

/** What the fan-out tells its node. */
export interface FanoutListener {
  /** Who is connected here as the subscriber. */
  holdersOf(subscriber: string): Iterable<Holder>;
  /** An envelope or an operator has ended a subscription. */
  onEnded(subscription: LocalSubscription): void;
  /** The store was restarted or taken over: what was stored last may be missing there. */
  onFailover(): void;
  /** Who triggered wants to know what became of an envelope here. */
  onTallied(request: ReceiptRequest, tally: Tally): void;
  /** An envelope whose trace is recorded was handed to the outboxes: the span is to be ended when they have handed it over. */
  onTraced(span: Span): void;
  onPresence(event: FollowedEvent, change: PresenceChange): void;
  /** Joins or leaves of the event may have been lost. */
  onPresenceDoubt(event: FollowedEvent): void;
}

export type PresenceChange = Parameters<RelayListener['onPresence']>[1];

const NOBODY: Tally = { outboxes: [], held: 0 };

/** Delivery of envelopes to the subscriptions of this node. Follows an event on its first local subscription, drops it on its last. */
export class Fanout implements RelayListener {
  private readonly events = new Map<EventGuid, FollowedEvent>();
  private readonly budget = new RecentBudget(RECENT_BYTES);

  constructor(
    private readonly ports: FanoutPorts,
    private readonly listener: FanoutListener,
  ) {
    ports.relay.listen(this);
  }

  /** Events that this node follows. */
  get eventguids(): IterableIterator<EventGuid> {
    return this.events.keys();
  }

  get size(): number {
    return this.events.size;
  }

  /** All that are delivered to here. */
  *subscriptions(): Iterable<LocalSubscription> {
    for (const { subscriptions } of this.events.values()) yield* subscriptions;
  }

  get(eventguid: EventGuid): FollowedEvent | undefined {
    return this.events.get(eventguid);
  }

  onEnvelope(relayed: Relayed): void {
    const { eventguid, time } = relayed.envelope;
    this.ports.metrics.relayed(Math.max(0, this.ports.clock.now() - time));
    const event = this.events.get(eventguid);
    if (event) event.receive(relayed);
    else if (relayed.receipt) this.listener.onTallied(relayed.receipt, NOBODY);
  }

  onPresence(eventguid: EventGuid, change: PresenceChange): void {
    const event = this.events.get(eventguid);
    if (event && event.watchers.size > 0) this.listener.onPresence(event, change);
  }

  /** Costs the same however many subscribers the event has: an operator may remove all of them. */
  onRemoved(eventguid: EventGuid, subscriber: string, subscriptionId: string): void {
    for (const { subscriptions } of this.listener.holdersOf(subscriber)) {
      const removed = generationOf(subscriptions.get(eventguid), subscriptionId);
      if (removed) this.listener.onEnded(removed);
    }
  }

  onDoubt(eventguids: readonly EventGuid[]): void {
    if (!eventguids.some((eventguid) => this.events.get(eventguid)?.followed)) return;
    for (const eventguid of eventguids) this.doubtPresence(this.events.get(eventguid));
    this.compare(eventguids).catch((error: unknown) => {
      this.ports.log.warn('positions not compared', { events: eventguids.length, error });
    });
  }

  onFailover(): void {
    this.listener.onFailover();
    this.onDoubt([...this.events.keys()]);
  }

  /** Compares the events that this node follows with the relay, and reads what did not come. */
  async compare(eventguids: readonly EventGuid[]): Promise<void> {
    const followed = eventguids.filter((eventguid) => this.events.get(eventguid)?.followed);
    for (let start = 0; start < followed.length; start += COMPARED_AT_A_TIME) {
      const batch = followed.slice(start, start + COMPARED_AT_A_TIME);
      const standings = await this.ports.relay.standings(batch);
      for (const [index, standing] of standings.entries()) {
        const event = this.events.get(batch[index] as EventGuid);
        if (standing && event?.followed) event.compare(standing);
      }
    }
  }

  /** The event, followed from the moment this resolves. Every call is matched by one `release`, unless it rejects. */
  async acquire(eventguid: EventGuid): Promise<FollowedEvent> {
    const event = this.eventFor(eventguid);
    event.interest++;
    try {
      if (!event.followed || !event.transitions.idle) await this.settle(event);
      return event;
    } catch (error) {
      this.release(event);
      throw error;
    }
  }

  release(event: FollowedEvent): void {
    event.interest--;
    if (event.interest > 0) return;
    this.settle(event).catch((error: unknown) => {
      this.ports.log.warn('event not unfollowed', { eventguid: event.eventguid, error });
    });
  }

  private doubtPresence(event: FollowedEvent | undefined): void {
    if (event && event.watchers.size > 0) this.listener.onPresenceDoubt(event);
  }

  private eventFor(eventguid: EventGuid): FollowedEvent {
    let event = this.events.get(eventguid);
    if (!event) {
      event = new FollowedEvent(eventguid, {
        ...this.ports,
        budget: this.budget,
        onEnded: (subscription) => this.listener.onEnded(subscription),
        onTallied: (request, tally) => this.listener.onTallied(request, tally),
        onTraced: (span) => this.listener.onTraced(span),
        onRepaired: (event) => this.doubtPresence(event),
      });
      this.events.set(eventguid, event);
    }
    return event;
  }

  /** Follows or unfollows, as the interest asks when its turn comes; drops an event that nobody is interested in. */
  private settle(event: FollowedEvent): Promise<void> {
    return event.transitions.run(async () => {
      if (event.interest > 0 && !event.followed) await this.follow(event);
      if (event.interest > 0) return;
      try {
        if (event.followed) await this.unfollow(event);
      } finally {
        if (event.interest === 0) this.events.delete(event.eventguid);
      }
    });
  }

  private async follow(event: FollowedEvent): Promise<void> {
    await this.ports.relay.follow(event.eventguid);
    event.followed = true;
  }

  private async unfollow(event: FollowedEvent): Promise<void> {
    event.followed = false;
    event.forget();
    await this.ports.relay.unfollow(event.eventguid);
  }
}

/** The subscription with the id, among the newest one and those before it that still deliver. */
function generationOf(newest: LocalSubscription | undefined, id: string): LocalSubscription | undefined {
  let generation = newest;
  while (generation && generation.subscriptionId !== id) generation = generation.older;
  return generation;
}
