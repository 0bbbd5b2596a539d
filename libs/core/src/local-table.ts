import type { TurnBudget } from '@ringback/async';
import { HubError, type EventGuid } from '@ringback/contract';
import type { ConnectedClient } from './connected-client.js';
import { Fanout, type FanoutListener, type FanoutPorts } from './fanout.js';
import type { FollowedEvent } from './followed-event.js';
import type { Lease } from './lease.js';
import type { Holder, LocalSubscription } from './local-subscription.js';
import type { Reached } from './named-session.js';
import type { OwedRemovals } from './owed-removals.js';
import type { SubscriptionStore } from './ports/subscription-store.port.js';
import { SubscriptionWatchers, type SubscriptionWatcher } from './subscription-watchers.js';

export interface LocalTablePorts extends FanoutPorts {
  readonly subscriptions: SubscriptionStore;
}

/** What the table tells its node. */
export interface LocalTableListener extends Omit<FanoutListener, 'onEnded'> {
  /**
   * A subscription of a named subscriber has ended here, by the delivery of a cut (see `LocalSubscription.endedAt`) or otherwise; it and
   * those before it had come up to `reached`.
   */
  onNamedEnded(subscription: LocalSubscription, reached: Reached | undefined): void;
}

/** The subscriptions of this node: in the fan-out, at their holders, and, when they end, out of the store. */
export class LocalTable {
  readonly fanout: Fanout;
  private readonly watchers = new SubscriptionWatchers();
  private count = 0;
  private beginning = 0;

  constructor(
    private readonly ports: LocalTablePorts,
    private readonly lease: Lease,
    private readonly owed: OwedRemovals,
    private readonly turns: TurnBudget,
    private readonly listener: LocalTableListener,
  ) {
    this.fanout = new Fanout(ports, {
      ...listener,
      onEnded: (subscription) => this.end(subscription),
    });
  }

  /** Subscriptions of this node, those that are being made included. */
  get size(): number {
    return this.count + this.beginning;
  }

  /** The event, followed for the client. Matched by the end of a subscription, or `fanout.release`. Rejects with `closed` if the client is gone. */
  async follow(client: ConnectedClient, eventguid: EventGuid): Promise<FollowedEvent> {
    client.beginning++;
    this.beginning++;
    try {
      const event = await this.fanout.acquire(eventguid);
      if (client.connected) return event;
      this.fanout.release(event);
      throw new HubError('closed');
    } finally {
      client.beginning--;
      this.beginning--;
    }
  }

  add(event: FollowedEvent, subscription: LocalSubscription): void {
    event.subscriptions.add(subscription);
    this.count++;
    if (subscription.presence) event.watchers.add(subscription);
    subscription.holder.subscriptions.set(subscription.eventguid, subscription);
    this.watchers.onSubscribed(subscription.eventguid, subscription.holder.subscriber);
  }

  /** Shows the watcher what there is, and then what changes. */
  watch(watcher: SubscriptionWatcher): () => void {
    for (const { eventguid, holder } of this.fanout.subscriptions())
      watcher.onSubscribed(eventguid, holder.subscriber);
    return this.watchers.add(watcher);
  }

  /** Takes it out of the fan-out; nothing reaches it from here on. */
  drop(subscription: LocalSubscription): void {
    const { holder, eventguid, older } = subscription;
    subscription.stop();
    if (holder.subscriptions.get(eventguid) === subscription) holder.subscriptions.delete(eventguid);
    const event = this.fanout.get(eventguid);
    event?.watchers.delete(subscription);
    if (event?.subscriptions.delete(subscription)) {
      this.count--;
      this.fanout.release(event);
      this.watchers.onUnsubscribed(eventguid, holder.subscriber);
    }
    subscription.older = undefined;
    if (older) this.drop(older);
  }

  /** An envelope or an operator has ended it: the store knows already, but for its index. */
  end(subscription: LocalSubscription): void {
    const { holder, eventguid, reached, endedAt } = subscription;
    this.drop(subscription);
    if (holder.session) return this.listener.onNamedEnded(subscription, reached);
    if (endedAt === undefined) this.tellEnded(holder, eventguid);
    this.unlessHeld(holder, eventguid, () => this.ports.subscriptions.forget(eventguid, holder.subscriber));
  }

  /** Its client would wait for ever for a delivery that says so. */
  tellEnded({ codec, outbox, subscriptions }: Holder, eventguid: EventGuid): void {
    const frame = subscriptions.has(eventguid) ? undefined : codec.encodeEnded?.(eventguid);
    if (frame !== undefined) outbox.push(frame);
  }

  /** It may have been stored, though nobody was told so. What a named subscriber may have is its to resume. */
  oweRemoval(holder: Holder, eventguid: EventGuid): void {
    if (holder.session) return;
    this.unlessHeld(holder, eventguid, async () => {
      await this.ports.subscriptions.remove(eventguid, holder.subscriber);
    });
  }

  /** Takes all that a client that is gone holds out of the fan-out, a bounded piece in each turn of the loop. */
  dropAll({ subscriptions }: ConnectedClient): void {
    // Taken from the map as it goes; what is dropped by somebody else meanwhile is not met any more.
    this.turns
      .each(subscriptions.values(), (subscription) => this.drop(subscription))
      .catch((error: unknown) => {
        this.ports.log.error('subscriptions not dropped', { error });
      });
  }

  /** Ends all that an ephemeral client holds: here soon, in the store as soon as it can be reached. */
  leave(client: ConnectedClient): void {
    const { eventguids, subscriber, stored } = client;
    const lease = this.lease.id;
    this.dropAll(client);
    if (!stored) return;
    this.owed.settle(subscriber, async () => {
      await client.settled();
      await this.ports.subscriptions.removeSubscriber(subscriber, lease, eventguids);
    });
  }

  /** In order with what the holder does, unless it has subscribed again by then; once it is gone, `leave` does it all. */
  private unlessHeld(holder: Holder, eventguid: EventGuid, work: () => Promise<void>): void {
    const name = `${holder.subscriber} ${eventguid}`;
    this.owed.settle(name, () =>
      holder.inOrder(eventguid, async () => {
        if (holder.connected && !holder.subscriptions.has(eventguid)) await work();
      }),
    );
  }
}
