import type { EventGuid, Position } from '@ringback/contract';
import type { NamedSession, Reached } from './named-session.js';
import type { Outbox } from './outbox.js';
import type { Clock } from './ports/clock.port.js';
import type { Codec, Frame } from './ports/codec.port.js';
import type { PreparedEnvelope } from './prepared-envelope.js';

/** What became of an offered envelope: `ended` was delivered as the last one, `over` came too late for this generation. */
export type Offered = 'held' | 'passed' | 'delivered' | 'ended' | 'over';

/** Who holds subscriptions: one connection, as far as they need to know it. */
export interface Holder {
  readonly connectionId: string;
  /** The name under which the store knows it. */
  readonly subscriber: string;
  readonly codec: Codec;
  readonly outbox: Outbox;
  readonly connected: boolean;
  /** Present with a named subscriber. */
  readonly session?: NamedSession | undefined;
  /** The newest generation of each subscription. */
  readonly subscriptions: Map<EventGuid, LocalSubscription>;
  /** Runs tasks that concern one event one after the other, so that the last cookie wins. */
  inOrder<Result>(eventguid: EventGuid, task: () => Promise<Result>): Promise<Result>;
}

/** What a subscription needs from the node. */
export interface SubscriptionContext {
  readonly clock: Clock;
  /** Called with how many envelopes that were held have been delivered. */
  onDelivered(count: number): void;
  /** Called when an envelope that was held could not be delivered. */
  onFailed(subscription: LocalSubscription, error: unknown): void;
  /** Called when an envelope that was held has ended the subscription. */
  onEnded(subscription: LocalSubscription): void;
}

/** More than this waits for nobody: who does not keep up while it recovers is closed. */
const MOST_HELD = 20_000;
/** Of what is held so many are delivered before it is looked whether there is room for more: fewer where their data is long. */
const BATCH = 64;
const BATCH_BYTES = 64 * 1024;
/** How soon a slow reader is looked at again. */
const ROOM_CHECK_MS = 5;

/**
 * One connection's place in one event. It is made holding back, and released once its position is known. Then it alone
 * decides, by the rule: deliver iff offset > since; end iff the envelope is one-shot and since < its offset.
 */
export class LocalSubscription {
  /** The generation before this one, whose cut has not been delivered yet. */
  older: LocalSubscription | undefined;
  private storedSince: Position | undefined;
  private currentEpoch = '';
  /** The epoch in which `seen` is true: the store, or what it has kept, may be ahead of the node. */
  private countedIn = '';
  private seen = 0;
  private until = Number.POSITIVE_INFINITY;
  /** What came up to here and was not seen is lost. */
  private lostUpTo = 0;
  private rewound = false;
  private cutAt: number | undefined;
  /** What waits; absent once everything is delivered as it comes. */
  private held: PreparedEnvelope[] | undefined = [];
  private holding = true;
  /** Whether it is to look soon at what it holds. */
  private looking = false;
  private stopped = false;
  private encodedCookie: Frame;
  /** Cookies that count only for what comes after an offset, oldest first. */
  private readonly nextCookies: { readonly cookie: Frame; readonly after: number }[] = [];

  constructor(
    readonly holder: Holder,
    readonly eventguid: EventGuid,
    private id: string,
    private cookieText: string,
    readonly madeAt: number,
    private readonly context: SubscriptionContext,
    /** Whether it takes part in presence. */
    readonly presence = false,
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

  /** The epoch in which it stands. */
  get epoch(): string {
    return this.currentEpoch;
  }

  /** Where it stands: offset of the last envelope delivered, or of its beginning. */
  get place(): number {
    return this.seen;
  }

  /** Where it stands together with older generations that come before it; `undefined` until it is stored. */
  get reached(): Reached | undefined {
    if (this.older && !this.older.stopped) return this.older.reached;
    if (!this.storedSince) return undefined;
    return { epoch: this.currentEpoch, offset: this.seen, ...(this.rewound && { rewound: true }) };
  }

  /** Offset of the one-shot whose delivery has ended it. */
  get endedAt(): number | undefined {
    return this.cutAt;
  }

  /** Whether a cut has ended it already, whose envelope is still to be delivered. */
  get retired(): boolean {
    return this.until !== Number.POSITIVE_INFINITY;
  }

  offer(prepared: PreparedEnvelope): Offered {
    if (!this.held) return this.deliver(prepared);
    if (this.held.push(prepared) > MOST_HELD) this.holder.outbox.overrun();
    return 'held';
  }

  /** Holds back from here on. */
  hold(): void {
    this.held ??= [];
    this.holding = true;
  }

  /** Takes over what the store made of it. */
  storedAs(subscriptionId: string, since: Position): void {
    this.id = subscriptionId;
    this.storedSince = since;
    this.holder.session?.noteEpoch(this.eventguid, since.epoch);
  }

  /** Sets where it stands: what comes after the offset is delivered, once released. */
  placeAt(epoch: string, offset: number, countedIn = epoch): void {
    this.currentEpoch = epoch;
    this.count(countedIn);
    this.holder.session?.noteEpoch(this.eventguid, epoch);
    this.seen = offset;
  }

  /** Another cookie for all that comes after the offset. */
  changeCookie(cookie: string, after: number): void {
    this.cookieText = cookie;
    this.nextCookies.push({ cookie: this.holder.codec.encodeCookie(cookie), after });
  }

  /**
   * Delivers what was missed, then what is held, each offset once, from the next turn on and not faster than the connection
   * takes it; when nothing is left, it holds nothing back any more.
   */
  release(missed: readonly PreparedEnvelope[] = []): void {
    this.holding = false;
    this.held = [...missed, ...(this.held ?? [])];
    if (this.held.length === 0 && !this.waitsForOlder) this.held = undefined;
    else this.look((task) => this.context.clock.nextTurn(task));
  }

  /**
   * Makes way for a newer generation of the same subscriber, which takes a copy of what is held. This one still delivers up
   * to the offset, the cut among it, with the cookie that it had.
   */
  retire(newer: LocalSubscription, untilOffset: number): void {
    this.endAt(untilOffset);
    newer.comeAfter(this);
    newer.noteLoss(this.lostUpTo);
    newer.held = [...(this.held ?? [])];
  }

  /** Delivers nothing after the offset. */
  endAt(untilOffset: number): void {
    this.until = untilOffset;
  }

  /** Delivers nothing before the older generation has delivered what it holds. */
  comeAfter(older: LocalSubscription | undefined): void {
    this.older = older;
  }

  /** What it holds, for those that take its place. */
  handOver(): readonly PreparedEnvelope[] {
    return this.held ?? [];
  }

  /** Nothing is delivered any more. */
  stop(): void {
    this.held = [];
    this.holding = true;
    this.stopped = true;
  }

  /**
   * Tells that the event goes on in another epoch. A place in a closed epoch counts no further than where the new one starts;
   * if it had come further, what it saw is gone, and the next delivery says so.
   */
  enterEpoch(epoch: string, epochStart: number): void {
    if (epoch === this.currentEpoch) return;
    this.held = this.held?.filter((one) => one.envelope.position.epoch === epoch || one.offset <= epochStart);
    if (this.seen > epochStart && epoch !== this.countedIn) {
      this.rewound = true;
      this.seen = epochStart;
    }
    this.currentEpoch = epoch;
    this.count(epoch);
  }

  /** Tells that what came up to the offset cannot be fetched any more: unless it has seen all that, the next delivery says so. */
  noteLoss(upTo: number): void {
    this.lostUpTo = Math.max(this.lostUpTo, upTo);
  }

  /** Whether anything that came after the offset cannot be fetched any more. */
  hasLostAfter(offset: number): boolean {
    return this.lostUpTo > offset;
  }

  private look(soon: (task: () => void) => void): void {
    if (this.looking) return;
    this.looking = true;
    soon(() => {
      this.looking = false;
      this.deliverHeld();
    });
  }

  /** Called by a timer: what a codec throws would end the process. */
  private deliverLate(prepared: PreparedEnvelope): Offered {
    try {
      return this.deliver(prepared);
    } catch (error) {
      this.context.onFailed(this, error);
      return prepared.oneShot ? 'over' : 'passed';
    }
  }

  private deliverHeld(): void {
    if (this.holding || !this.held) return;
    let delivered = 0;
    while (this.held.length > 0 && this.mayDeliver()) {
      for (const prepared of this.held.splice(0, batchOf(this.held))) {
        const offered = this.deliverLate(prepared);
        if (offered === 'delivered' || offered === 'ended') delivered++;
        if (offered === 'ended' || offered === 'over') return this.endHeld(delivered);
      }
    }
    if (delivered > 0) this.context.onDelivered(delivered);
    if (this.held.length === 0 && !this.waitsForOlder) this.held = undefined;
    else this.look((task) => void this.context.clock.after(ROOM_CHECK_MS, task));
  }

  private mayDeliver(): boolean {
    return !this.waitsForOlder && this.holder.outbox.hasRoom;
  }

  /** Until the older generation delivers as it comes, or delivers nothing any more. */
  private get waitsForOlder(): boolean {
    return this.older !== undefined && !this.older.stopped && this.older.held !== undefined;
  }

  private endHeld(delivered: number): void {
    this.stop();
    if (delivered > 0) this.context.onDelivered(delivered);
    this.context.onEnded(this);
  }

  private deliver(prepared: PreparedEnvelope): Offered {
    const { offset } = prepared;
    if (offset <= this.seen) return 'passed';
    if (offset > this.until) return 'over';
    const gap = this.rewound || this.seen < this.lostUpTo;
    while (this.nextCookies[0] && offset > this.nextCookies[0].after) this.takeNextCookie();
    this.seen = offset;
    this.count(prepared.envelope.position.epoch);
    this.rewound = false;
    this.holder.outbox.push(prepared.frameFor(this.holder.codec, this.encodedCookie, gap));
    if (!prepared.oneShot) return 'delivered';
    this.cutAt = offset;
    return 'ended';
  }

  private count(epoch: string): void {
    if (epoch === this.countedIn) return;
    this.countedIn = epoch;
    this.holder.session?.noteEpoch(this.eventguid, epoch);
  }

  private takeNextCookie(): void {
    const next = this.nextCookies.shift();
    if (next) this.encodedCookie = next.cookie;
  }
}

/** How many of them make a batch: at least one, if there is any. */
function batchOf(held: readonly PreparedEnvelope[]): number {
  const most = Math.min(BATCH, held.length);
  let count = 0;
  for (let bytes = 0; count < most && bytes < BATCH_BYTES; count++)
    bytes += held[count]?.envelope.data.length ?? 0;
  return count;
}
