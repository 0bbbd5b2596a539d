import type { EventGuid } from '@ringback/contract';
import type { ConnectedClient } from './connected-client.js';
import { Fanout, type FanoutPorts } from './fanout.js';
import type { FollowedEvent } from './followed-event.js';
import type { Lease } from './lease.js';
import type { Holder, LocalSubscription } from './local-subscription.js';
import type { OwedRemovals } from './owed-removals.js';
import type { SubscriptionStore } from './ports/subscription-store.port.js';

export interface LocalTablePorts extends FanoutPorts {
  readonly subscriptions: SubscriptionStore;
}

/** The subscriptions of this node: in the fan-out, at their holders, and, when they end, out of the store. */
export class LocalTable {
  readonly fanout: Fanout;

  constructor(
    private readonly ports: LocalTablePorts,
    private readonly lease: Lease,
    private readonly owed: OwedRemovals,
    onFailover: () => void,
  ) {
    this.fanout = new Fanout(ports, { onEnded: (subscription) => this.end(subscription), onFailover });
  }

  add(event: FollowedEvent, subscription: LocalSubscription): void {
    event.subscriptions.add(subscription);
    subscription.holder.subscriptions.set(subscription.eventguid, subscription);
  }

  /** Takes it out of the fan-out; nothing reaches it from here on. */
  drop(subscription: LocalSubscription): void {
    const { holder, eventguid, older } = subscription;
    subscription.stop();
    if (holder.subscriptions.get(eventguid) === subscription) holder.subscriptions.delete(eventguid);
    const event = this.fanout.get(eventguid);
    if (event?.subscriptions.delete(subscription)) this.fanout.release(event);
    subscription.older = undefined;
    if (older) this.drop(older);
  }

  /** An envelope or an operator has ended it: the store knows already, but for its index. */
  end(subscription: LocalSubscription): void {
    const { holder, eventguid } = subscription;
    this.drop(subscription);
    this.unlessHeld(holder, eventguid, () => this.ports.subscriptions.forget(eventguid, holder.subscriber));
  }

  /** It may have been stored, though nobody was told so. */
  oweRemoval(holder: Holder, eventguid: EventGuid): void {
    this.unlessHeld(holder, eventguid, async () => {
      await this.ports.subscriptions.remove(eventguid, holder.subscriber);
    });
  }

  /** Ends all that the client holds: here at once, in the store as soon as it can be reached. */
  leave(client: ConnectedClient): void {
    const { eventguids, subscriber, stored } = client;
    const lease = this.lease.id;
    for (const subscription of client.subscriptions.values()) this.drop(subscription);
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
