import { HubError, type EventGuid, type Limits, type Position } from '@ringback/contract';
import type { ConnectedClient } from './connected-client.js';
import { Fanout, type FanoutPorts } from './fanout.js';
import type { FollowedEvent } from './followed-event.js';
import type { Lease } from './lease.js';
import { LocalSubscription, type Holder, type Released } from './local-subscription.js';
import type { OwedRemovals } from './owed-removals.js';
import type { Missed } from './ports/relay.port.js';
import type { PutResult, SubscriptionStore } from './ports/subscription-store.port.js';
import { PreparedEnvelope } from './prepared-envelope.js';

export interface SubscribeRequest {
  readonly eventguid: EventGuid;
  readonly cookie: string;
  /** The last position that the client has seen: asks for what came after it. */
  readonly after?: Position;
}

export interface Subscribed {
  /** Where the event stood when the subscription was stored. */
  readonly position: Position;
  /** Present if `after` was given: whether everything after it was still kept and is delivered. */
  readonly recovered?: boolean;
  /** A one-shot among what was missed has ended the subscription. */
  readonly ended?: boolean;
}

export interface SubscriptionsPorts extends FanoutPorts {
  readonly subscriptions: SubscriptionStore;
}

/**
 * Begins, changes and ends the subscriptions of this node's clients, in the fan-out and in the store.
 * The order is follow, store, answer, holding back in between: nobody is told "yes" without being reachable.
 */
export class Subscriptions {
  readonly fanout: Fanout;
  private made = 0;

  constructor(
    private readonly ports: SubscriptionsPorts,
    private readonly limits: Limits,
    private readonly lease: Lease,
    private readonly owed: OwedRemovals,
  ) {
    this.fanout = new Fanout(ports, (subscription) => this.end(subscription));
  }

  async subscribe(client: ConnectedClient, request: SubscribeRequest): Promise<Subscribed> {
    return client.inOrder(request.eventguid, async () => {
      assertConnected(client);
      const current = client.subscriptions.get(request.eventguid);
      return current ? this.change(client, current, request) : this.begin(client, request);
    });
  }

  /** Resolves to whether there was a subscription. */
  async unsubscribe(client: ConnectedClient, eventguid: EventGuid): Promise<boolean> {
    return client.inOrder(eventguid, async () => {
      const removed = await this.ports.subscriptions.remove(eventguid, client.subscriber);
      const current = client.subscriptions.get(eventguid);
      if (current) this.drop(current);
      client.outbox.flush(); // what was delivered before goes out before the answer
      return removed || current !== undefined;
    });
  }

  /** Ends all that the client holds: here at once, in the store as soon as it can be reached. */
  leave(client: ConnectedClient): void {
    const { eventguids, subscriber } = client;
    const lease = this.lease.id;
    for (const subscription of client.subscriptions.values()) this.drop(subscription);
    if (eventguids.length === 0) return;
    this.owed.settle(subscriber, async () => {
      await client.settled();
      await this.ports.subscriptions.removeSubscriber(subscriber, lease, eventguids);
    });
  }

  private async begin(client: ConnectedClient, request: SubscribeRequest): Promise<Subscribed> {
    this.assertRoom(client);
    const subscription = this.make(client, request);
    client.beginning++;
    try {
      this.add(await this.fanout.acquire(request.eventguid), subscription);
    } finally {
      client.beginning--;
    }
    try {
      return await this.store(subscription, request);
    } catch (error) {
      this.drop(subscription);
      this.oweRemoval(client, request.eventguid);
      throw error;
    }
  }

  /** Stores a new subscription and releases it at its place, with what it missed. */
  private async store(subscription: LocalSubscription, request: SubscribeRequest): Promise<Subscribed> {
    const put = await this.put(subscription, request);
    const missed = await this.readMissed(put, request);
    assertConnected(subscription.holder);
    if (put.recovered !== undefined) return this.recover(subscription, put, missed);
    subscription.storedAs(put.subscriptionId, put.since);
    subscription.placeAt(put.position.epoch, put.position.offset);
    if (missed === 'lost') subscription.noteLoss();
    this.release(subscription, missed);
    return { position: put.position };
  }

  private recover(subscription: LocalSubscription, put: PutResult, missed: Missed): Subscribed {
    const recovered = put.recovered === true && missed !== 'lost';
    if (put.ended && !recovered) {
      throw new HubError('relay-unavailable', 'The history was trimmed while it was read; subscribe again.');
    }
    this.ports.metrics.recovered(recovered);
    subscription.storedAs(put.subscriptionId, put.since);
    subscription.placeAt(put.position.epoch, recovered ? put.since.offset : put.position.offset);
    this.release(subscription, missed);
    if (put.ended) this.drop(subscription);
    return { position: put.position, recovered, ...(put.ended && { ended: true }) };
  }

  /** What has to be read from the history before the subscription is whole; nothing in the common case. */
  private async readMissed(put: PutResult, { eventguid, after }: SubscribeRequest): Promise<Missed> {
    const whole = this.fanout.get(eventguid)?.notice(put.position) ?? true;
    if (after && put.recovered && after.offset < put.position.offset) {
      return this.ports.relay.since(eventguid, after);
    }
    return whole ? [] : this.ports.relay.since(eventguid, put.position);
  }

  private async change(
    client: ConnectedClient,
    current: LocalSubscription,
    request: SubscribeRequest,
  ): Promise<Subscribed> {
    const next = this.make(client, request);
    current.hold();
    try {
      const put = await this.put(next, request);
      assertConnected(client);
      if (put.subscriptionId === next.subscriptionId)
        return await this.succeed(client, current, next, request, put);
      this.counted(current, current.releaseWith(request.cookie, put.position.offset));
      return { position: put.position };
    } catch (error) {
      this.release(current);
      throw error;
    }
  }

  /**
   * The store did not have the subscription any more. Mostly a cut has ended it, whose envelope is still on its way to the old
   * generation: that one lives on, with its old cookie, up to where the new one begins.
   */
  private async succeed(
    client: ConnectedClient,
    current: LocalSubscription,
    next: LocalSubscription,
    request: SubscribeRequest,
    put: PutResult,
  ): Promise<Subscribed> {
    const event = this.fanout.get(current.eventguid);
    if (!event?.subscriptions.has(current)) return this.begin(client, request);
    next.storedAs(put.subscriptionId, put.since);
    next.placeAt(put.position.epoch, put.position.offset);
    event.interest++;
    current.retire(next, put.position.offset);
    this.add(event, next);
    this.release(current);
    this.release(next);
    return { position: put.position };
  }

  private put(subscription: LocalSubscription, { cookie, after }: SubscribeRequest): Promise<PutResult> {
    const { holder, eventguid, subscriptionId } = subscription;
    return this.ports.subscriptions.put({
      eventguid,
      subscriber: holder.subscriber,
      subscriptionId,
      cookie,
      lease: this.lease.id,
      ...(after && { after }),
    });
  }

  private make(holder: Holder, { eventguid, cookie }: SubscribeRequest): LocalSubscription {
    const { nodeId, generation } = this.lease.id;
    const subscriptionId = `${nodeId}.${generation}.${++this.made}`;
    return new LocalSubscription(holder, eventguid, subscriptionId, cookie, this.ports.clock.now());
  }

  private add(event: FollowedEvent, subscription: LocalSubscription): void {
    event.subscriptions.add(subscription);
    subscription.holder.subscriptions.set(subscription.eventguid, subscription);
  }

  private release(subscription: LocalSubscription, missed: Missed = []): void {
    const envelopes = missed === 'lost' ? [] : missed.map(({ envelope }) => new PreparedEnvelope(envelope));
    this.counted(subscription, subscription.release(envelopes));
  }

  private counted(subscription: LocalSubscription, { delivered, ended }: Released): void {
    if (delivered > 0) this.ports.metrics.delivered(delivered);
    if (ended) this.end(subscription);
  }

  /** An envelope or an operator has ended it: the store knows already, but for its index. */
  private end(subscription: LocalSubscription): void {
    const { holder, eventguid } = subscription;
    this.drop(subscription);
    const forget = async (): Promise<void> => {
      if (!holder.connected || holder.subscriptions.has(eventguid)) return;
      await this.ports.subscriptions.forget(eventguid, holder.subscriber);
    };
    this.owed.settle(owedName(holder, eventguid), () => holder.inOrder(eventguid, forget));
  }

  private oweRemoval(holder: Holder, eventguid: EventGuid): void {
    const remove = async (): Promise<void> => {
      if (!holder.connected || holder.subscriptions.has(eventguid)) return;
      await this.ports.subscriptions.remove(eventguid, holder.subscriber);
    };
    this.owed.settle(owedName(holder, eventguid), () => holder.inOrder(eventguid, remove));
  }

  /** Takes it out of the fan-out; nothing reaches it from here on. */
  private drop(subscription: LocalSubscription): void {
    const { holder, eventguid, older } = subscription;
    if (holder.subscriptions.get(eventguid) === subscription) holder.subscriptions.delete(eventguid);
    const event = this.fanout.get(eventguid);
    if (event?.subscriptions.delete(subscription)) this.fanout.release(event);
    subscription.older = undefined;
    if (older) this.drop(older);
  }

  private assertRoom({ subscriptions, beginning }: ConnectedClient): void {
    const most = this.limits.subscriptionsPerConnection;
    if (subscriptions.size + beginning >= most) {
      throw new HubError('too-many-subscriptions', `A connection may hold ${most} subscriptions.`);
    }
  }
}

function owedName(holder: Holder, eventguid: EventGuid): string {
  return `${holder.subscriber} ${eventguid}`;
}

function assertConnected({ connected }: Holder): void {
  if (!connected) throw new HubError('closed');
}
