import { HubError, type EventGuid, type Limits, type Position } from '@ringback/contract';
import type { ConnectedClient } from './connected-client.js';
import type { FollowedEvent } from './followed-event.js';
import type { Lease } from './lease.js';
import { LocalSubscription, type SubscriptionContext } from './local-subscription.js';
import type { LocalTable, LocalTablePorts } from './local-table.js';
import type { PutResult } from './ports/subscription-store.port.js';
import type { PreparedEnvelope } from './prepared-envelope.js';

export interface SubscribeRequest {
  readonly eventguid: EventGuid;
  readonly cookie: string;
  /** The last position that the client has seen: asks for what came after it. */
  readonly after?: Position;
}

export interface Subscribed {
  /** Where the event stood when the subscription was stored. */
  readonly position: Position;
  /** Present if `after` was given and the subscription is new: whether everything after it was still kept and is delivered. */
  readonly recovered?: boolean;
  /** A one-shot among what was missed has ended the subscription. */
  readonly ended?: boolean;
}

/** What a subscription has missed before it was made, or that it cannot be told any more. */
type Missed = readonly PreparedEnvelope[] | 'lost';

/**
 * Begins, changes and ends subscriptions at the clients' word. The order is follow, store, answer, holding back in between:
 * nobody is told "yes" without being reachable.
 */
export class Subscriptions {
  private made = 0;
  private readonly context: SubscriptionContext;

  constructor(
    private readonly ports: LocalTablePorts,
    private readonly limits: Limits,
    private readonly lease: Lease,
    private readonly table: LocalTable,
  ) {
    this.context = {
      clock: ports.clock,
      onDelivered: (count) => ports.metrics.delivered(count),
      onEnded: (subscription) => table.end(subscription),
    };
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
      if (current) this.table.drop(current);
      client.outbox.flush(); // what was delivered before goes out before the answer
      return removed || current !== undefined;
    });
  }

  private async begin(client: ConnectedClient, request: SubscribeRequest): Promise<Subscribed> {
    this.assertRoom(client);
    const subscription = this.make(client, request);
    const event = await this.follow(client, request.eventguid);
    this.table.add(event, subscription);
    try {
      return await this.store(client, event, subscription, request);
    } catch (error) {
      this.table.drop(subscription);
      this.table.oweRemoval(client, request.eventguid);
      throw error;
    }
  }

  private async follow(client: ConnectedClient, eventguid: EventGuid): Promise<FollowedEvent> {
    client.beginning++;
    try {
      const event = await this.table.fanout.acquire(eventguid);
      if (client.connected) return event;
      this.table.fanout.release(event);
      throw new HubError('closed');
    } finally {
      client.beginning--;
    }
  }

  /** Stores a new subscription and releases it at its place, with what it missed. */
  private async store(
    client: ConnectedClient,
    event: FollowedEvent,
    subscription: LocalSubscription,
    request: SubscribeRequest,
  ): Promise<Subscribed> {
    const put = await this.put(client, subscription, request);
    const missed = await readMissed(event, put, request.after);
    assertConnected(client);
    const { position } = put;
    const recovered = put.recovered === true && missed !== 'lost';
    if (put.ended && !recovered) {
      throw new HubError('relay-unavailable', 'The history was trimmed while it was read; subscribe again.');
    }
    subscription.storedAs(put.subscriptionId, put.since);
    subscription.placeAt(event.epoch ?? position.epoch, recovered ? put.since.offset : position.offset);
    if (missed === 'lost' && put.recovered === undefined) subscription.noteLoss(position.offset + 1);
    subscription.release(missed === 'lost' ? [] : missed);
    return { position, ...this.recovery(put, recovered) };
  }

  private recovery(put: PutResult, recovered: boolean): Pick<Subscribed, 'recovered' | 'ended'> {
    if (put.recovered === undefined) return {};
    this.ports.metrics.recovered(recovered);
    return { recovered, ...(put.ended && { ended: true }) };
  }

  private async change(
    client: ConnectedClient,
    current: LocalSubscription,
    request: SubscribeRequest,
  ): Promise<Subscribed> {
    const next = this.make(client, request);
    current.hold();
    try {
      // It is whole already: `after` has nothing to add.
      const put = await this.put(client, next, { eventguid: request.eventguid, cookie: request.cookie });
      assertConnected(client);
      if (put.subscriptionId === next.subscriptionId)
        return await this.succeed(client, current, next, request, put);
      current.changeCookie(request.cookie, put.position.offset);
      current.release();
      return { position: put.position };
    } catch (error) {
      current.release();
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
    const { position } = put;
    const event = this.table.fanout.get(current.eventguid);
    if (!event?.subscriptions.has(current)) return this.begin(client, request);
    next.storedAs(put.subscriptionId, put.since);
    next.placeAt(event.epoch ?? position.epoch, position.offset);
    event.interest++;
    current.retire(next, position.offset);
    this.table.add(event, next);
    current.release();
    next.release();
    return { position };
  }

  private put(
    client: ConnectedClient,
    { eventguid, subscriptionId }: LocalSubscription,
    { cookie, after }: SubscribeRequest,
  ): Promise<PutResult> {
    const { subscriber } = client;
    client.stored = true;
    const lease = this.lease.id;
    return this.ports.subscriptions.put({
      eventguid,
      subscriber,
      subscriptionId,
      cookie,
      lease,
      ...(after && { after }),
    });
  }

  private make(client: ConnectedClient, { eventguid, cookie }: SubscribeRequest): LocalSubscription {
    const { nodeId, generation } = this.lease.id;
    const subscriptionId = `${nodeId}.${generation}.${++this.made}`;
    const madeAt = this.ports.clock.now();
    return new LocalSubscription(client, eventguid, subscriptionId, cookie, madeAt, this.context);
  }

  private assertRoom({ subscriptions, beginning }: ConnectedClient): void {
    const most = this.limits.subscriptionsPerConnection;
    if (subscriptions.size + beginning >= most) {
      throw new HubError('too-many-subscriptions', `A connection may hold ${most} subscriptions.`);
    }
  }
}

/** What has to be read from the history before the subscription is whole; nothing in the common case. */
async function readMissed(
  event: FollowedEvent,
  put: PutResult,
  after: Position | undefined,
): Promise<Missed> {
  const whole = event.notice(put.position);
  if (after && put.recovered && after.offset < put.position.offset)
    return event.missedSince(after, put.position.epoch);
  return whole ? [] : event.missedSince(put.position, put.position.epoch);
}

function assertConnected({ connected }: ConnectedClient): void {
  if (!connected) throw new HubError('closed');
}
