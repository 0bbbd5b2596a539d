import {
  formatPosition,
  type Envelope,
  type EventGuid,
  type Position,
  type TraceContext,
} from '@ringback/contract';
import type { LocalSubscription, Offered } from './local-subscription.js';
import type { Clock } from './ports/clock.port.js';
import type { Log } from './ports/log.port.js';
import type { Metrics } from './ports/metrics.port.js';
import type { Missed, ReceiptRequest, Relay, Relayed, Standing } from './ports/relay.port.js';
import type { Span, Tracer } from './ports/tracer.port.js';
import type { Outbox } from './outbox.js';
import { PreparedEnvelope } from './prepared-envelope.js';
import { RecentEnvelopes, type RecentBudget } from './recent-envelopes.js';
import type { Tally } from './tally.js';
import { SerialQueue } from './serial-queue.js';

/** More than any event keeps. */
const WHOLE_HISTORY = 1_000_000;

/** Together longer than a failover takes. */
const GAP_ATTEMPTS = 60;
const GAP_FIRST_RETRY_MS = 25;
const GAP_LONGEST_RETRY_MS = 500;
/** Envelopes that wait while what is missing before them is read. */
const MOST_WAITING = 10_000;

/** What was found of a gap, or that it is to be looked for again. */
type Found = { readonly missed: Missed; readonly standing: Standing | undefined } | 'later';

/** What a followed event needs from the node. */
export interface FollowedEventContext {
  readonly relay: Pick<Relay, 'since' | 'history' | 'standings'>;
  readonly clock: Clock;
  readonly budget: RecentBudget;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly tracer?: Tracer;
  /** Called when an envelope has ended a subscription. */
  readonly onEnded: (subscription: LocalSubscription) => void;
  readonly onTallied: (request: ReceiptRequest, tally: Tally) => void;
  /** Ends the span of a delivery when the outboxes have handed it over. */
  readonly onTraced: (span: Span) => void;
  /** Called after a gap, whether or not it could be filled. */
  readonly onRepaired: (event: FollowedEvent) => void;
}

/**
 * One event on this node: its local subscriptions, and the last position that the relay brought. It lets every offset through
 * once and in order; where one is missing, it holds the event back and reads what was missed.
 */
export class FollowedEvent {
  readonly subscriptions = new Set<LocalSubscription>();
  /** Those of them that take part in presence. */
  readonly watchers = new Set<LocalSubscription>();
  /** Changes of `followed`, one at a time. */
  readonly transitions = new SerialQueue();
  /** Local subscriptions and those just being made. The relay is followed while there is any. */
  interest = 0;
  followed = false;
  private last: Position | undefined;
  /** The offset after which nothing was missed. */
  private wholeAfter = 0;
  /** Envelopes that wait until what is missing before them has been read. */
  private waiting: Relayed[] | undefined;
  /** Where the relay says that the event stands, told while envelopes wait. */
  private toCompare: Standing | undefined;
  private readonly recent: RecentEnvelopes;

  constructor(
    readonly eventguid: EventGuid,
    private readonly context: FollowedEventContext,
  ) {
    this.recent = new RecentEnvelopes(context.budget);
  }

  /** The epoch in which this node stands: the store may be in a newer one already. */
  get epoch(): string | undefined {
    return this.last?.epoch;
  }

  /** Forgets the position: nothing is known of what the relay brings while nobody follows. */
  forget(): void {
    this.last = undefined;
    this.recent.clear();
  }

  /**
   * Takes notice of the event's position, as the store told it. Answers whether all that came after it has reached, or will
   * reach, this event; if not, it must be read from the history.
   */
  notice(position: Position): boolean {
    // In another epoch the same offsets may be other envelopes.
    if (this.last) return this.last.epoch === position.epoch && position.offset >= this.wholeAfter;
    this.last = position;
    this.wholeAfter = position.offset;
    return true;
  }

  /**
   * What was kept after a position that the store, in the given epoch, has found recoverable, oldest first: from what this node has
   * seen itself, else from one read of the history for all who ask meanwhile. What it has seen counts only if it stands in that epoch,
   * and reaches as far as `upTo`: the store may be ahead of what the relay has brought.
   */
  async missedSince(
    after: Position,
    epoch: string,
    upTo = after.offset,
  ): Promise<readonly PreparedEnvelope[] | 'lost'> {
    const { relay } = this.context;
    const read = async (): Promise<readonly Envelope[]> =>
      (await relay.history(this.eventguid, { limit: WHOLE_HISTORY })).items;
    const recent = this.epoch === epoch ? await this.recent.after(after.offset, read) : undefined;
    const reached = recent?.at(-1)?.offset ?? after.offset;
    if (recent && this.epoch === epoch && reached >= upTo) return recent;
    const missed = await relay.since(this.eventguid, after);
    return missed === 'lost' ? 'lost' : missed.map(({ envelope }) => new PreparedEnvelope(envelope));
  }

  /** Takes an envelope from the relay. */
  receive(relayed: Relayed): void {
    if (this.waiting) this.wait(relayed, this.waiting);
    else if (!this.last) this.begin(relayed);
    else if (follows(relayed, this.last)) this.accept(relayed);
    else if (!repeats(relayed, this.last)) this.fillGap(this.last, [relayed]);
  }

  /** What there is no room for shows as a gap again, and is read then. */
  private wait(relayed: Relayed, waiting: Relayed[]): void {
    if (waiting.length < MOST_WAITING) waiting.push(relayed);
  }

  /** Compares with where the relay says that the event stands, and reads what has not come. */
  compare(standing: Standing): void {
    const { last } = this;
    if (this.waiting) this.toCompare = standing;
    else if (last && isBehind(last, standing)) this.fillGap(last, [], standing);
  }

  private begin(relayed: Relayed): void {
    this.wholeAfter = relayed.envelope.position.offset - 1;
    this.accept(relayed);
  }

  private accept({ envelope, epochStart, receipt, trace }: Relayed): void {
    this.enter(envelope.position, epochStart);
    const prepared = new PreparedEnvelope(envelope);
    this.recent.add(prepared);
    const span = trace && this.startSpan(trace);
    if (receipt) this.deliverTallied(prepared, receipt);
    else if (this.subscriptions.size > 0) this.deliver(prepared);
    if (span) this.context.onTraced(span);
  }

  /** One for all subscriptions together. */
  private startSpan(trace: TraceContext): Span | undefined {
    if (this.subscriptions.size === 0) return undefined;
    return this.context.tracer?.start('deliver', this.eventguid, trace);
  }

  private deliverTallied(prepared: PreparedEnvelope, request: ReceiptRequest): void {
    const outboxes: Outbox[] = [];
    let held = 0;
    this.deliver(prepared, (subscription, offered) => {
      if (offered === 'held') held++;
      else if (offered === 'delivered' || offered === 'ended') outboxes.push(subscription.holder.outbox);
    });
    this.context.onTallied(request, { outboxes, held });
  }

  /** Stands at the position from here on, in whichever epoch. */
  private enter(position: Position, epochStart: number): void {
    if (this.last && position.epoch !== this.last.epoch) {
      for (const subscription of this.subscriptions) subscription.enterEpoch(position.epoch, epochStart);
      if (this.last.offset > epochStart) this.recent.clear();
    }
    this.last = position;
  }

  private deliver(
    prepared: PreparedEnvelope,
    tally?: (one: LocalSubscription, offered: Offered) => void,
  ): void {
    let delivered = 0;
    for (const subscription of this.subscriptions) {
      const offered = this.offer(subscription, prepared);
      if (tally) tally(subscription, offered);
      if (offered === 'delivered' || offered === 'ended') delivered++;
      if (offered === 'ended' || offered === 'over') this.context.onEnded(subscription);
    }
    this.context.metrics.delivered(delivered);
  }

  /** A codec that fails for one subscriber must not keep the envelope from the others. */
  private offer(subscription: LocalSubscription, prepared: PreparedEnvelope): Offered {
    try {
      return subscription.offer(prepared);
    } catch (error) {
      const { connectionId } = subscription.holder;
      this.context.log.error('delivery encoding failed', { eventguid: this.eventguid, connectionId, error });
      return prepared.oneShot ? 'over' : 'passed';
    }
  }

  /** Reads what is missing after the last position, while what comes waits. */
  private fillGap(last: Position, waiting: Relayed[], standing?: Standing): void {
    this.waiting = waiting;
    this.readGap(last, standing, 1);
  }

  /** A relay that is away is asked again, for a while: only its answer tells whether something is lost. */
  private readGap(last: Position, standing: Standing | undefined, attempt: number): void {
    const { clock, log } = this.context;
    this.read(last, standing)
      .catch((error: unknown): Found => {
        log.warn('history not read', { eventguid: this.eventguid, attempt, error });
        return attempt >= GAP_ATTEMPTS || this.interest === 0 ? { missed: 'lost', standing } : 'later';
      })
      .then((found) => {
        if (found === 'later') clock.after(retryMs(attempt), () => this.readGap(last, standing, attempt + 1));
        else this.resume(found.missed, found.standing);
      })
      .catch((error: unknown) => log.error('gap recovery failed', { eventguid: this.eventguid, error }));
  }

  /** What is missing; where it is lost, also where the event stands, since a cut may be among it. */
  private async read(last: Position, known: Standing | undefined): Promise<Found> {
    const { relay } = this.context;
    const missed = await relay.since(this.eventguid, last);
    if (missed !== 'lost' || known) return { missed, standing: known };
    const [standing] = await relay.standings([this.eventguid]);
    return { missed, standing };
  }

  /** Goes on after a gap: with what was missed, or past it. */
  private resume(missed: Missed, standing: Standing | undefined): void {
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    if (missed === 'lost' || missed.length > 0) this.context.metrics.gap(missed !== 'lost');
    if (missed === 'lost') this.pass(waiting[0], standing);
    else this.catchUp(withCompany(missed, waiting), waiting[0], standing);
    for (const relayed of waiting.slice(1)) this.receive(relayed);
    const { toCompare } = this;
    this.toCompare = undefined;
    this.context.onRepaired(this);
    if (toCompare) this.compare(toCompare);
  }

  private catchUp(
    missed: readonly Relayed[],
    first: Relayed | undefined,
    standing: Standing | undefined,
  ): void {
    for (const relayed of missed) this.receive(relayed);
    // A new epoch may have opened without an envelope yet.
    if (standing && this.last?.offset === standing.position.offset)
      this.enter(standing.position, standing.epochStart);
    // The history held all there is; a waiting envelope that is not in it is a straggler of a closed epoch.
    if (first && this.last && follows(first, this.last)) this.accept(first);
  }

  /** Goes on past what is lost; the subscribers who miss something are told with their next delivery. */
  private pass(first: Relayed | undefined, standing: Standing | undefined): void {
    this.recent.clear();
    if (first) {
      const { position } = first.envelope;
      this.loseUpTo({ ...position, offset: position.offset - 1 }, first.epochStart, standing?.cut);
      this.accept(first);
    } else if (standing) this.loseUpTo(standing.position, standing.epochStart, standing.cut);
  }

  /** A one-shot among what is lost has ended the subscriptions that were made before it; one that is being made has no place yet. */
  private loseUpTo(position: Position, epochStart: number, cut = 0): void {
    this.enter(position, epochStart);
    for (const subscription of this.subscriptions) {
      subscription.noteLoss(position.offset);
      if (!subscription.since || subscription.place >= cut) continue;
      // There may have been an earlier one-shot than the last: of a named subscription the store knows.
      if (cut <= position.offset || subscription.holder.session) this.context.onEnded(subscription);
    }
  }
}

/** What travels beside an envelope counts, also where the history, which does not keep it, had the envelope first. */
function withCompany(missed: readonly Relayed[], waiting: readonly Relayed[]): readonly Relayed[] {
  const accompanied = waiting.filter(({ receipt, trace }) => receipt ?? trace);
  if (accompanied.length === 0) return missed;
  const byPosition = new Map(accompanied.map((relayed) => [positionOf(relayed), relayed]));
  return missed.map((relayed) => byPosition.get(positionOf(relayed)) ?? relayed);
}

function positionOf({ envelope }: Relayed): string {
  return formatPosition(envelope.position);
}

function retryMs(attempt: number): number {
  return Math.min(GAP_FIRST_RETRY_MS * 2 ** attempt, GAP_LONGEST_RETRY_MS);
}

/** Whether nothing lies between the position and the envelope. */
function follows({ envelope, epochStart }: Relayed, last: Position): boolean {
  const { epoch, offset } = envelope.position;
  return offset === last.offset + 1 && (epoch === last.epoch || epochStart === last.offset);
}

/** Whether the event stands where the position does not reach, or in another epoch. */
function isBehind(last: Position, { position }: Standing): boolean {
  return position.epoch !== last.epoch || position.offset > last.offset;
}

function repeats({ envelope }: Relayed, last: Position): boolean {
  return envelope.position.epoch === last.epoch && envelope.position.offset <= last.offset;
}
