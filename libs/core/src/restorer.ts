import type { Clients } from './clients.js';
import type { Lease } from './lease.js';
import type { Holder } from './local-subscription.js';
import type { EventGuid } from '@ringback/contract';
import type { StoredSubscription, SubscriptionStore } from './ports/subscription-store.port.js';

/** How many subscriptions are put again at a time. */
const BATCH = 500;

type Held = readonly [holder: Holder, eventguid: EventGuid];

/** Puts again what the clients of this node hold, after the lease or the store was lost. */
export class Restorer {
  constructor(
    private readonly store: Pick<SubscriptionStore, 'restore'>,
    private readonly clients: Clients,
    private readonly lease: Lease,
  ) {}

  /** Rejects if some could not be put again. */
  async restore(): Promise<void> {
    let batch: Held[] = [];
    for (const client of this.clients.all())
      for (const eventguid of client.subscriptions.keys())
        if (batch.push([client, eventguid]) === BATCH) {
          await this.putAgain(batch);
          batch = [];
        }
    if (batch.length > 0) await this.putAgain(batch);
  }

  /** A batch in one go, in order with what each client itself does, so that what it has ended meanwhile does not come back. */
  private async putAgain(batch: readonly Held[]): Promise<void> {
    const due: StoredSubscription[] = [];
    let arrived = 0;
    let put: (done: Promise<void>) => void = () => undefined;
    const done = new Promise<void>((resolve) => (put = resolve));
    const arrive = (holder: Holder, eventguid: EventGuid) => async (): Promise<void> => {
      due.push(...this.describe(holder, eventguid));
      if (++arrived === batch.length) put(this.store.restore(due));
      await done;
    };
    await Promise.all(
      batch.map(([holder, eventguid]) => holder.inOrder(eventguid, arrive(holder, eventguid))),
    );
  }

  /** The subscription as it stands now, if there still is one. */
  private describe(holder: Holder, eventguid: EventGuid): StoredSubscription[] {
    const subscription = holder.subscriptions.get(eventguid);
    if (!subscription?.since || subscription.retired || !holder.connected || holder.session?.replaced)
      return [];
    const { subscriptionId, cookie, since, madeAt, presence } = subscription;
    return [
      {
        eventguid,
        subscriber: holder.subscriber,
        subscriptionId,
        cookie,
        since,
        lease: this.lease.id,
        madeAt,
        ...(presence && { presence: true as const }),
      },
    ];
  }
}
