import type { EventGuid, Position } from '@ringback/contract';
import type { Outbox } from './outbox.js';
import type { Codec, Frame } from './ports/codec.port.js';
import type { PreparedEnvelope } from './prepared-envelope.js';

/** What became of an offered envelope: `ended` was delivered as the last one, `over` came too late for this generation. */
export type Offered = 'held' | 'passed' | 'delivered' | 'ended' | 'over';

/** What a release has delivered, and whether it ended the subscription. */
export interface Released {
  readonly delivered: number;
  readonly ended: boolean;
}

/** Who holds subscriptions: one connection, as far as they need to know it. */
export interface Holder {
  readonly connectionId: string;
  /** The name under which the store knows it. */
  readonly subscriber: string;
  readonly codec: Codec;
  readonly outbox: Outbox;
  readonly connected: boolean;
  /** The newest generation of each subscription. */
  readonly subscriptions: Map<EventGuid, LocalSubscription>;
  /** Runs tasks that concern one event one after the other, so that the last cookie wins. */
  inOrder<Result>(eventguid: EventGuid, task: () => Promise<Result>): Promise<Result>;
}

/**
 * One connection's place in one event. It is made holding back, and released once its position is known. Then it alone
 * decides, by the rule: deliver iff offset > since; end iff the envelope is one-shot and since < its offset.
 */
export class LocalSubscription {
  /** The generation before this one, whose cut has not been delivered yet. */
  older: LocalSubscription | undefined;
  private seen = 0;
  private epoch = '';
  private until = Number.POSITIVE_INFINITY;
  private gap = false;
  private held: PreparedEnvelope[] | undefined = [];
  private storedSince: Position | undefined;
  private encodedCookie: Frame;

  constructor(
    readonly holder: Holder,
    readonly eventguid: EventGuid,
    private id: string,
    private cookieText: string,
    readonly madeAt: number,
  ) {
    this.encodedCookie = holder.codec.encodeCookie(cookieText);
  }

  get subscriptionId(): string {
    return this.id;
  }

  /** Where the store has it begin; `undefined` until it is stored. */
  get since(): Position | undefined {
    return this.storedSince;
  }

  get cookie(): string {
    return this.cookieText;
  }

  offer(prepared: PreparedEnvelope): Offered {
    if (!this.held) return this.deliver(prepared);
    this.held.push(prepared);
    return 'held';
  }

  /** Holds back from here on. */
  hold(): void {
    this.held ??= [];
  }

  /** Takes over what the store made of it. */
  storedAs(subscriptionId: string, since: Position): void {
    this.id = subscriptionId;
    this.storedSince = since;
  }

  /** Sets where it stands: what comes after the offset is delivered, once released. */
  placeAt(epoch: string, offset: number): void {
    this.epoch = epoch;
    this.seen = offset;
  }

  /** Delivers what was missed, then what was held, each offset once, and goes on without holding back. */
  release(missed: readonly PreparedEnvelope[] = []): Released {
    const held = this.held ?? [];
    this.held = undefined;
    return this.deliverAll([...missed, ...held]);
  }

  /** As `release`, with another cookie for all that comes after the offset. */
  releaseWith(cookie: string, afterOffset: number): Released {
    const held = this.held ?? [];
    this.held = undefined;
    const before = this.deliverAll(held.filter(({ offset }) => offset <= afterOffset));
    if (before.ended) return before;
    this.cookieText = cookie;
    this.encodedCookie = this.holder.codec.encodeCookie(cookie);
    const after = this.deliverAll(held.filter(({ offset }) => offset > afterOffset));
    return { delivered: before.delivered + after.delivered, ended: after.ended };
  }

  /**
   * Makes way for a newer generation of the same subscriber, which takes a copy of what is held. This one still delivers up
   * to the offset, the cut among it, with the cookie that it had.
   */
  retire(newer: LocalSubscription, untilOffset: number): void {
    this.until = untilOffset;
    newer.older = this;
    newer.held = [...(this.held ?? [])];
  }

  /**
   * Tells that the event goes on in another epoch. A place in a closed epoch counts no further than where the new one starts;
   * if it had come further, what it saw is gone, and the next delivery says so.
   */
  enterEpoch(epoch: string, epochStart: number): void {
    if (epoch === this.epoch) return;
    if (this.seen > epochStart) {
      this.gap = true;
      this.seen = epochStart;
    }
    this.epoch = epoch;
  }

  /** Tells that what came before the offset cannot be fetched any more: unless it has seen all that, the next delivery says so. */
  noteLoss(nextOffset = Number.POSITIVE_INFINITY): void {
    if (this.seen < nextOffset - 1) this.gap = true;
  }

  private deliverAll(envelopes: readonly PreparedEnvelope[]): Released {
    let delivered = 0;
    for (const prepared of envelopes) {
      const offered = this.deliver(prepared);
      if (offered === 'over') return { delivered, ended: true };
      if (offered !== 'passed') delivered++;
      if (offered === 'ended') return { delivered, ended: true };
    }
    return { delivered, ended: false };
  }

  private deliver(prepared: PreparedEnvelope): Offered {
    const { offset } = prepared;
    if (offset <= this.seen) return 'passed';
    if (offset > this.until) return 'over';
    this.seen = offset;
    this.holder.outbox.push(prepared.frameFor(this.holder.codec, this.encodedCookie, this.gap));
    this.gap = false;
    return prepared.oneShot ? 'ended' : 'delivered';
  }
}
