import {
  HubError,
  type EventGuid,
  type Limits,
  type Position,
  type SubscribeRequest,
} from '@ringback/contract';
import { isNamedClient, type ConnectedClient, type NamedClient } from './connected-client.js';
import type { FollowedEvent } from './followed-event.js';
import type { Lease } from './lease.js';
import type { LocalSubscription } from './local-subscription.js';
import type { LocalTable, LocalTablePorts } from './local-table.js';
import type { NamedSession } from './named-session.js';
import type { PutResult } from './ports/subscription-store.port.js';
import type { PreparedEnvelope } from './prepared-envelope.js';
import type { ResumedEvent, Resuming } from './resuming.js';
import type { SubscriptionFactory } from './subscription-factory.js';

export interface Subscribed {
  /** Where the event stood when the subscription was stored. */
  readonly position: Position;
  /** Present if `after` was given and the subscription is new: whether everything after it was still kept and is delivered. */
  readonly recovered?: boolean;
  /** A one-shot among what was missed has ended the subscription. */
  readonly ended?: boolean;
  /** Present if an earlier subscription of a named subscriber was taken up: what came after this position is delivered first. */
  readonly resumed?: Position;
}

/** What a subscription has missed before it was made, or that it cannot be told any more. */
type Missed = readonly PreparedEnvelope[] | 'lost';

/**
 * Begins, changes and ends subscriptions at the clients' word. The order is follow, store, answer, holding back in between:
 * nobody is told "yes" without being reachable.
 */
export class Subscriptions {
  constructor(
    private readonly ports: LocalTablePorts,
    private readonly limits: Limits,
    private readonly lease: Lease,
    private readonly table: LocalTable,
    private readonly factory: SubscriptionFactory,
    private readonly resuming: Resuming,
    private readonly restore: () => void,
  ) {}

  async subscribe(client: ConnectedClient, request: SubscribeRequest): Promise<Subscribed> {
    return client.inOrder(request.eventguid, async () => {
      assertConnected(client);
      return this.apply(client, request);
    });
  }

  /** Resolves to whether there was a subscription. If it rejects, the subscription goes on. */
  async unsubscribe(client: ConnectedClient, eventguid: EventGuid): Promise<boolean> {
    return client.inOrder(eventguid, async () => {
      assertConnected(client);
      const removed = await this.remove(client, eventguid);
      const current = client.subscriptions.get(eventguid);
      if (current) this.table.drop(current);
      client.session?.forget(eventguid);
      client.outbox.flush(); // what was delivered before goes out before the answer
      return removed || current !== undefined;
    });
  }

  /** Where the answer of the store is lost, the subscription may be as well, and is put again. */
  private async remove(
    { subscriber, subscriptions }: ConnectedClient,
    eventguid: EventGuid,
  ): Promise<boolean> {
    try {
      return await this.ports.subscriptions.remove(eventguid, subscriber);
    } catch (error) {
      if (subscriptions.has(eventguid)) this.restore();
      throw error;
    }
  }

  private async apply(client: ConnectedClient, request: SubscribeRequest): Promise<Subscribed> {
    if (!client.subscriptions.has(request.eventguid)) this.assertRoom(client, request.eventguid);
    const resumed = await this.resume(client, request);
    const current = client.subscriptions.get(request.eventguid);
    const subscribed = await (current ? this.change(client, current, request) : this.begin(client, request));
    return resumed ? { recovered: resumed.recovered, resumed: resumed.from, ...subscribed } : subscribed;
  }

  /** What a named subscriber has of the event already is taken up before anything is changed. */
  private async resume(
    client: ConnectedClient,
    { eventguid, after }: SubscribeRequest,
  ): Promise<ResumedEvent | undefined> {
    return isNamedClient(client) ? this.resuming.resume(client, eventguid, after) : undefined;
  }

  private async begin(client: ConnectedClient, request: SubscribeRequest): Promise<Subscribed> {
    this.assertRoom(client, request.eventguid);
    const subscription = this.factory.make(client, request);
    const event = await this.table.follow(client, request.eventguid);
    this.table.add(event, subscription);
    try {
      return await this.store(client, event, subscription, request);
    } catch (error) {
      this.table.drop(subscription);
      this.table.oweRemoval(client, request.eventguid);
      client.session?.resumed.delete(request.eventguid); // it may be stored, and is then to be resumed
      throw error;
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
    if (isNamedClient(client) && !put.ended && isOutdated(subscription, put))
      return this.startOver(client, subscription, request);
    if (put.ended && hasEndedHere(client, request)) {
      this.table.drop(subscription);
      return { position, recovered: true, ended: true };
    }
    const recovered = put.recovered === true && missed !== 'lost';
    if (put.ended && !recovered) {
      throw new HubError('relay-unavailable', 'The history was trimmed while it was read; subscribe again.');
    }
    subscription.storedAs(put.subscriptionId, put.since);
    subscription.placeAt(
      event.epoch ?? position.epoch,
      recovered ? put.since.offset : position.offset,
      position.epoch,
    );
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
    const next = this.factory.make(client, request);
    current.hold();
    try {
      // Unless a cut has ended it, it is whole already, and `after` has nothing to add.
      const put = await this.put(client, next, current.retired ? request : withoutAfter(request));
      assertConnected(client);
      if (put.ended) {
        current.release();
        return { position: put.position, recovered: true, ended: true };
      }
      if (isNamedClient(client) && isUnknown(client.session, put, current, next))
        return await this.startOver(client, current, request);
      if (put.subscriptionId === next.subscriptionId)
        return await this.succeed(client, current, next, request, put);
      client.session?.resumed.add(request.eventguid);
      current.changeCookie(request.cookie, put.position.offset);
      current.release();
      return { position: put.position };
    } catch (error) {
      current.release();
      client.session?.resumed.delete(request.eventguid); // there may be newer ones
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
    const { position, since } = put;
    const event = this.table.fanout.get(current.eventguid);
    const missed = event && put.recovered ? await readMissed(event, put, request.after) : [];
    if (!event?.subscriptions.has(current)) return this.apply(client, request);
    const recovered = put.recovered === true && missed !== 'lost';
    next.storedAs(put.subscriptionId, since);
    next.placeAt(event.epoch ?? position.epoch, recovered ? since.offset : position.offset, position.epoch);
    event.interest++;
    current.retire(next, position.offset);
    this.table.add(event, next);
    current.release();
    next.release(recovered ? missed : []);
    return { position, ...this.recovery(put, recovered) };
  }

  /** All that the store holds of the event is resumed anew. */
  private startOver(
    client: NamedClient,
    known: LocalSubscription,
    request: SubscribeRequest,
  ): Promise<Subscribed> {
    const { session } = client;
    const { eventguid, reached } = known;
    this.table.drop(known);
    session.resumed.delete(eventguid);
    if (reached) session.leaveAt(eventguid, reached);
    return this.apply(client, request);
  }

  private put(
    client: ConnectedClient,
    { eventguid, subscriptionId, presence }: LocalSubscription,
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
      ...(presence && { presence: true as const }),
    });
  }

  /** What a named subscriber holds counts also where it is not resumed here, or waits to be acknowledged. */
  private assertRoom(
    { connection, subscriptions, beginning, session }: ConnectedClient,
    eventguid: EventGuid,
  ): void {
    const most = connection.maxSubscriptions ?? this.limits.subscriptionsPerConnection;
    const beside = session?.countBeside(subscriptions, eventguid) ?? 0;
    const refusal =
      subscriptions.size + beside + beginning >= most
        ? new HubError('too-many-subscriptions', `A connection may hold ${most} subscriptions.`)
        : this.nodeRefusal();
    if (!refusal) return;
    session?.resumed.delete(eventguid);
    throw refusal;
  }

  private nodeRefusal(): HubError | undefined {
    const { subscriptionsPerNode: most } = this.limits;
    if (this.table.size < most) return undefined;
    return new HubError('node-subscription-limit', `A node holds ${most} subscriptions.`);
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

/** Whether a one-shot behind the position has ended a subscription on this connection, which has had everything up to there. */
function hasEndedHere({ session }: ConnectedClient, { eventguid, after }: SubscribeRequest): boolean {
  const cut = session?.lastCutUpTo(eventguid, Number.POSITIVE_INFINITY) ?? 0;
  return after !== undefined && after.offset < cut;
}

/** Whether it is one that was made before without this node knowing, or what came since was lost on the way: maybe a cut. */
function isOutdated(made: LocalSubscription, { subscriptionId, position }: PutResult): boolean {
  return subscriptionId !== made.subscriptionId || made.hasLostAfter(position.offset);
}

/** Whether the store has had one that is not known here: of a connection that was replaced, or of a put whose answer was lost. */
function isUnknown(
  { resumed }: NamedSession,
  { subscriptionId }: PutResult,
  current: LocalSubscription,
  next: LocalSubscription,
): boolean {
  if (subscriptionId === current.subscriptionId) return false;
  return subscriptionId !== next.subscriptionId || !resumed.has(current.eventguid);
}

function withoutAfter({ eventguid, cookie }: SubscribeRequest): SubscribeRequest {
  return { eventguid, cookie };
}

function assertConnected({ connected }: ConnectedClient): void {
  if (!connected) throw new HubError('closed');
}
