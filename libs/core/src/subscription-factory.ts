import type { EventGuid } from '@ringback/contract';
import type { Lease } from './lease.js';
import { LocalSubscription, type Holder, type SubscriptionContext } from './local-subscription.js';
import type { Clock } from './ports/clock.port.js';
import type { Log } from './ports/log.port.js';
import type { Metrics } from './ports/metrics.port.js';

/** What a subscription is made of beside its holder. */
export interface SubscriptionSeed {
  readonly eventguid: EventGuid;
  readonly cookie: string;
  readonly presence?: boolean | undefined;
  /** Of one that was made before; made up for a new one. */
  readonly subscriptionId?: string;
  readonly madeAt?: number;
}

/** Makes the subscriptions of this node; each new one gets an id that no other has in the cluster. */
export class SubscriptionFactory {
  private made = 0;
  private readonly context: SubscriptionContext;

  constructor(
    private readonly ports: { readonly clock: Clock; readonly log: Log; readonly metrics: Metrics },
    private readonly lease: Lease,
    onEnded: (subscription: LocalSubscription) => void,
  ) {
    const { clock, metrics, log } = ports;
    this.context = {
      clock,
      onDelivered: (count) => metrics.delivered(count),
      onFailed: ({ eventguid, holder: { connectionId } }, error) =>
        log.error('delivery encoding failed', { eventguid, connectionId, error }),
      onEnded,
    };
  }

  make(holder: Holder, seed: SubscriptionSeed): LocalSubscription {
    const {
      eventguid,
      cookie,
      presence = false,
      subscriptionId = this.newId(),
      madeAt = this.ports.clock.now(),
    } = seed;
    return new LocalSubscription(holder, eventguid, subscriptionId, cookie, madeAt, this.context, presence);
  }

  private newId(): string {
    const { nodeId, generation } = this.lease.id;
    return `${nodeId}.${generation}.${++this.made}`;
  }
}
