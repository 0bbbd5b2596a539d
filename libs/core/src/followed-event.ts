import type { EventGuid, Position } from '@ringback/contract';
import type { LocalSubscription, Offered } from './local-subscription.js';
import type { Log } from './ports/log.port.js';
import type { Metrics } from './ports/metrics.port.js';
import type { Missed, Relay, Relayed } from './ports/relay.port.js';
import { PreparedEnvelope } from './prepared-envelope.js';
import { SerialQueue } from './serial-queue.js';

/** What a followed event needs from the node. */
export interface FollowedEventContext {
  readonly relay: Pick<Relay, 'since'>;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Called when an envelope has ended a subscription. */
  readonly onEnded: (subscription: LocalSubscription) => void;
}

/**
 * One event on this node: its local subscriptions, and the last position that the relay brought. It lets every offset through
 * once and in order; where one is missing, it holds the event back and reads what was missed.
 */
export class FollowedEvent {
  readonly subscriptions = new Set<LocalSubscription>();
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

  constructor(
    readonly eventguid: EventGuid,
    private readonly context: FollowedEventContext,
  ) {}

  /** Forgets the position: nothing is known of what the relay brings while nobody follows. */
  forget(): void {
    this.last = undefined;
  }

  /**
   * Takes notice of the event's position, as the store told it. Answers whether all that came after it has reached, or will
   * reach, this event; if not, it must be read from the history.
   */
  notice(position: Position): boolean {
    if (this.last) return position.offset >= this.wholeAfter;
    this.last = position;
    this.wholeAfter = position.offset;
    return true;
  }

  /** Takes an envelope from the relay. */
  receive(relayed: Relayed): void {
    if (this.waiting) this.waiting.push(relayed);
    else if (!this.last) this.begin(relayed);
    else if (follows(relayed, this.last)) this.accept(relayed);
    else if (!repeats(relayed, this.last)) this.fillGap(relayed, this.last);
  }

  private begin(relayed: Relayed): void {
    this.wholeAfter = relayed.envelope.position.offset - 1;
    this.accept(relayed);
  }

  private accept({ envelope, epochStart }: Relayed): void {
    const { epoch } = envelope.position;
    if (this.last && epoch !== this.last.epoch) this.enterEpoch(epoch, epochStart);
    this.last = envelope.position;
    if (this.subscriptions.size > 0) this.deliver(new PreparedEnvelope(envelope));
  }

  private deliver(prepared: PreparedEnvelope): void {
    let delivered = 0;
    for (const subscription of this.subscriptions) {
      const offered = this.offer(subscription, prepared);
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
      this.context.log.error('not delivered', { eventguid: this.eventguid, connectionId, error });
      return 'passed';
    }
  }

  private enterEpoch(epoch: string, epochStart: number): void {
    for (const subscription of this.subscriptions) subscription.enterEpoch(epoch, epochStart);
  }

  private fillGap(relayed: Relayed, last: Position): void {
    this.waiting = [relayed];
    this.context.relay.since(this.eventguid, last).then(
      (missed) => this.resume(missed),
      (error: unknown) => {
        this.context.log.warn('history not read', { eventguid: this.eventguid, error });
        this.resume('lost');
      },
    );
  }

  /** Goes on after a gap: with what was missed, or past it. */
  private resume(missed: Missed): void {
    const [first, ...rest] = this.waiting ?? [];
    this.waiting = undefined;
    this.context.metrics.gap(missed !== 'lost');
    if (missed === 'lost') {
      if (first) this.passGap(first);
    } else {
      // The history held all there is, the waiting one among it; if that is not in it, it is a straggler of a closed epoch.
      for (const relayed of missed) this.receive(relayed);
    }
    for (const relayed of rest) this.receive(relayed);
  }

  /** Accepts the first envelope after what is lost; the subscribers who miss something are told. */
  private passGap(relayed: Relayed): void {
    const { epoch, offset } = relayed.envelope.position;
    this.enterEpoch(epoch, relayed.epochStart);
    for (const subscription of this.subscriptions) subscription.noteLoss(offset);
    this.accept(relayed);
  }
}

/** Whether nothing lies between the position and the envelope. */
function follows({ envelope, epochStart }: Relayed, last: Position): boolean {
  const { epoch, offset } = envelope.position;
  return offset === last.offset + 1 && (epoch === last.epoch || epochStart === last.offset);
}

function repeats({ envelope }: Relayed, last: Position): boolean {
  return envelope.position.epoch === last.epoch && envelope.position.offset <= last.offset;
}
