import type { Clients } from './clients.js';
import type { Lease } from './lease.js';
import type { LocalSubscription } from './local-subscription.js';
import type { SubscriptionStore } from './ports/subscription-store.port.js';

/** How many subscriptions are put again at a time. */
const BATCH = 500;

/** Puts again what the clients of this node hold, after the lease or the store was lost. */
export class Restorer {
  constructor(
    private readonly store: Pick<SubscriptionStore, 'restore'>,
    private readonly clients: Clients,
    private readonly lease: Lease,
  ) {}

  async restore(): Promise<void> {
    const all = this.clients.all().flatMap(({ subscriptions }) => Array.from(subscriptions.values()));
    for (let start = 0; start < all.length; start += BATCH) {
      const batch = all.slice(start, start + BATCH);
      await Promise.all(batch.map((subscription) => this.putAgain(subscription)));
    }
  }

  /** In order with what the client itself does, so that what it has ended meanwhile does not come back. */
  private putAgain(subscription: LocalSubscription): Promise<void> {
    const { holder, eventguid } = subscription;
    return holder.inOrder(eventguid, async () => {
      const { subscriptionId, cookie, since, madeAt } = subscription;
      if (holder.subscriptions.get(eventguid) !== subscription || !since) return;
      const { subscriber } = holder;
      const lease = this.lease.id;
      await this.store.restore([{ eventguid, subscriber, subscriptionId, cookie, since, lease, madeAt }]);
    });
  }
}
