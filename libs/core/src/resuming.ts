import type { EventGuid, Position } from '@ringback/contract';
import type { Acknowledgements } from './acknowledgements.js';
import type { NamedClient } from './connected-client.js';
import type { FollowedEvent } from './followed-event.js';
import type { Lease } from './lease.js';
import type { LocalSubscription } from './local-subscription.js';
import type { LocalTable } from './local-table.js';
import type { NamedSession } from './named-session.js';
import type { Metrics } from './ports/metrics.port.js';
import type { ResumedSubscription, SubscriptionStore } from './ports/subscription-store.port.js';
import { PreparedEnvelope } from './prepared-envelope.js';
import type { SubscriptionFactory } from './subscription-factory.js';

/** What a named subscriber found of an event on return. */
export interface ResumedEvent {
  /** What comes after this position is delivered again. */
  readonly from: Position;
  /** Whether all of that was still kept. */
  readonly recovered: boolean;
}

/** Everything kept after an offset, or that it cannot be told any more. */
type Missed = readonly PreparedEnvelope[] | 'lost';

/** What was found of an event, for all that is resumed of it. */
interface Found {
  readonly event: FollowedEvent;
  readonly position: Position;
  readonly keptAfter: number;
  readonly missed: Missed;
  /** What came in meanwhile. */
  readonly heard: readonly PreparedEnvelope[];
  /** Whether the client had come further before, in an epoch that has lost it. */
  readonly rewound: boolean;
}

/**
 * Takes up again, on this node, what a named subscriber holds of an event: a local subscription for each cut that it has not
 * acknowledged, which ends with that cut, and one for the subscription that stands; each delivers what was missed, in this order.
 */
export class Resuming {
  constructor(
    private readonly ports: { readonly subscriptions: SubscriptionStore; readonly metrics: Metrics },
    private readonly lease: Lease,
    private readonly table: LocalTable,
    private readonly factory: SubscriptionFactory,
    private readonly acknowledgements: Acknowledgements,
  ) {}

  /**
   * Once per connection and event, in order with the client's commands for it. `after` is how far the client says that it has come;
   * else what it acknowledged counts. Resolves to `undefined` if there is nothing, or it was resumed before.
   */
  async resume(
    client: NamedClient,
    eventguid: EventGuid,
    after?: Position,
  ): Promise<ResumedEvent | undefined> {
    if (client.session.resumed.has(eventguid) || client.subscriptions.has(eventguid)) return undefined;
    let resumed = await this.attempt(client, eventguid, after);
    while (resumed === 'outdated') resumed = await this.attempt(client, eventguid, after);
    return resumed;
  }

  private async attempt(
    client: NamedClient,
    eventguid: EventGuid,
    after?: Position,
  ): Promise<ResumedEvent | undefined | 'outdated'> {
    const { session, subscriber } = client;
    const event = await this.table.follow(client, eventguid);
    // In place before the store is asked: what is published from then on must find it.
    const waiting = this.factory.make(client, { eventguid, cookie: '' });
    this.table.add(event, waiting);
    try {
      const left = session.left.get(eventguid);
      const told = left ?? after;
      const seen = told ?? session.seen(eventguid);
      const resumption = await this.ports.subscriptions.resume(eventguid, subscriber, this.lease.id, seen);
      const { position, keptAfter, subscriptions } = resumption;
      const due = subscriptions.filter((one) => !isSeen(one) && !wasDelivered(session, eventguid, one));
      const missed = await readMissed(event, resumption, due);
      // What was lost on the way since then, a cut among it maybe, only the store knows.
      if (waiting.hasLostAfter(position.offset)) return 'outdated';
      session.resumed.add(eventguid);
      session.left.delete(eventguid);
      if (subscriptions.length === 0) session.events.delete(eventguid);
      this.noteSeen(client, eventguid, subscriptions.filter(isSeen), told !== undefined);
      const rewound = left?.rewound === true;
      return this.take(client, due, {
        event,
        position,
        keptAfter,
        missed,
        heard: waiting.handOver(),
        rewound,
      });
    } finally {
      this.table.drop(waiting);
    }
  }

  private take(
    client: NamedClient,
    due: readonly ResumedSubscription[],
    found: Found,
  ): ResumedEvent | undefined {
    const [first] = due;
    if (!first || !client.connected) return undefined;
    let older: LocalSubscription | undefined;
    for (const one of due) older = this.begin(client, one, found, older);
    const recovered = isWhole(first, found);
    this.ports.metrics.recovered(recovered);
    return { from: { epoch: found.position.epoch, offset: placeOf(first, found) }, recovered };
  }

  /** Cuts that the client has seen are kept until it acknowledges them; what it has acknowledged already is settled now. */
  private noteSeen(
    client: NamedClient,
    eventguid: EventGuid,
    seen: readonly ResumedSubscription[],
    told: boolean,
  ): void {
    for (const { cut } of seen) if (cut) client.session.noteCut(eventguid, cut.envelope.position.offset);
    const acknowledged = client.session.seen(eventguid);
    if (seen.length > 0 && acknowledged && !told) this.acknowledgements.note(client, eventguid, acknowledged);
  }

  private begin(
    client: NamedClient,
    resumed: ResumedSubscription,
    found: Found,
    older: LocalSubscription | undefined,
  ): LocalSubscription {
    const { event, position, missed, heard } = found;
    const { cut, since, subscriptionId } = resumed;
    const subscription = this.factory.make(client, { ...resumed, eventguid: event.eventguid });
    const place = placeOf(resumed, found);
    subscription.storedAs(subscriptionId, since);
    subscription.comeAfter(older);
    subscription.placeAt(event.epoch ?? position.epoch, place, position.epoch);
    if (!isWhole(resumed, found) || (found.rewound && !older)) subscription.noteLoss(place + 1);
    if (cut) subscription.endAt(cut.envelope.position.offset);
    event.interest++;
    this.table.add(event, subscription);
    const kept = missed === 'lost' ? [] : missed.filter(({ offset }) => offset > place);
    subscription.release(cut ? upTo(cut, kept) : [...kept, ...heard]);
    return subscription;
  }
}

function isWhole(resumed: ResumedSubscription, found: Found): boolean {
  return resumed.recovered && (found.missed !== 'lost' || !isToRead(resumed, found));
}

/** The offset after which it delivers. */
function placeOf(resumed: ResumedSubscription, found: Found): number {
  const isLost = found.missed === 'lost' && isToRead(resumed, found);
  return isLost ? lastBefore(resumed, found.position) : startOf(resumed, found);
}

/** Where what is kept of its past begins: where it has come to, unless some of what follows is kept no more. */
function startOf(
  resumed: ResumedSubscription,
  { position, keptAfter }: Pick<Found, 'position' | 'keptAfter'>,
): number {
  const { from, recovered } = resumed;
  return Math.min(lastBefore(resumed, position), recovered ? from : Math.max(from, keptAfter));
}

/** The last offset that has to be read from the history: the envelope of a cut comes with it. */
function lastBefore({ cut }: ResumedSubscription, position: Position): number {
  return cut ? cut.envelope.position.offset - 1 : position.offset;
}

/** Whether anything has to be read from the history. */
function isToRead(resumed: ResumedSubscription, known: Pick<Found, 'position' | 'keptAfter'>): boolean {
  return startOf(resumed, known) < lastBefore(resumed, known.position);
}

/** Whether the subscriber has come past the cut that ended it. */
function isSeen({ cut, from }: ResumedSubscription): boolean {
  return cut !== undefined && from >= cut.envelope.position.offset;
}

/** Whether this connection has had the cut already. */
function wasDelivered(session: NamedSession, eventguid: EventGuid, { cut }: ResumedSubscription): boolean {
  return cut !== undefined && session.hasCut(eventguid, cut.envelope.position.offset);
}

/** One read for all generations; nothing if there is nothing to read. */
async function readMissed(
  event: FollowedEvent,
  known: Pick<Found, 'position' | 'keptAfter'>,
  due: readonly ResumedSubscription[],
): Promise<Missed> {
  const { position } = known;
  const whole = event.notice(position);
  const starts = due.filter((one) => isToRead(one, known)).map((one) => startOf(one, known));
  const first = Math.min(position.offset, ...starts);
  if (first === position.offset && whole) return [];
  // What a cut has ended hears of nothing that the relay is still to bring.
  const upTo = Math.max(first, ...due.filter(({ cut }) => cut).map((one) => lastBefore(one, position)));
  return event.missedSince({ epoch: position.epoch, offset: first }, position.epoch, upTo);
}

/** What was missed before the cut, and the cut itself, which is kept when the history is not. */
function upTo(
  { envelope }: NonNullable<ResumedSubscription['cut']>,
  missed: readonly PreparedEnvelope[],
): readonly PreparedEnvelope[] {
  const before = missed.filter(({ offset }) => offset < envelope.position.offset);
  return [...before, new PreparedEnvelope(envelope)];
}
