import type { EventGuid, Position, Trigger } from '@ringback/contract';
import type {
  EventSummary,
  HistoryLimits,
  LeaseId,
  Missed,
  NewSubscription,
  PutResult,
  Relayed,
  Resumption,
  Standing,
  StoredSubscription,
} from '@ringback/core';
import { Cuts } from './cuts.js';
import { Epochs } from './epochs.js';
import { EventSubscriptions } from './event-subscriptions.js';
import { History } from './history.js';
import { makeEnvelope } from './make-envelope.js';
import type { MemoryBudget } from './memory-budget.js';
import { RememberedAnswers } from './remembered-answers.js';
import { resumedSubscription } from './resumed-subscription.js';

/** A trigger that was accepted now: the answer, without the nodes, and what is to be handed to them. */
export interface Accepted {
  readonly relayed: Relayed;
  readonly position: Position;
  readonly subscribers: number;
}

/** All that the cluster knows of one event: what stands under one hash tag in Redis. */
export class MemoryEvent {
  readonly subscriptions = new EventSubscriptions();
  readonly cuts: Cuts;
  readonly history: History;
  readonly answers: RememberedAnswers;
  /** When it was last in use by anybody. */
  usedAt = 0;
  private readonly epochs: Epochs;
  private offset = 0;
  /** The offset of the last one-shot. */
  private lastCut = 0;

  constructor(
    readonly eventguid: EventGuid,
    runId: string,
    private readonly limits: HistoryLimits,
    private readonly sessionTtlMs: number,
    budget: MemoryBudget,
  ) {
    this.epochs = new Epochs(runId);
    this.history = new History(limits, budget);
    this.answers = new RememberedAnswers(budget);
    this.cuts = new Cuts(sessionTtlMs);
  }

  get position(): Position {
    return this.epochs.position(this.offset);
  }

  get standing(): Standing {
    const { position, lastCut, epochs } = this;
    const { start, closedEpochs } = epochs;
    const closed = closedEpochs.length > 0 && { closed: closedEpochs };
    return { position, epochStart: start, cut: lastCut, ...closed };
  }

  get summary(): EventSummary {
    const { eventguid, position } = this;
    return { eventguid, position, subscribers: this.subscriptions.size, kept: this.history.size };
  }

  /** Takes notice that the store has started anew, if it has. */
  enter(runId: string): void {
    this.epochs.enter(runId, this.offset);
  }

  /** Drops what is kept no longer. The history waits for named subscribers as long as their sessions do. */
  trim(now: number): void {
    this.cuts.forgetOld(now);
    const awaited = this.subscriptions.namedSize > 0 || this.cuts.size > 0;
    const { ageMs } = this.limits;
    this.history.trim(now, awaited ? Math.max(ageMs, this.sessionTtlMs) : ageMs);
  }

  accept(trigger: Trigger, now: number): Accepted {
    this.offset++;
    const { position } = this;
    const relayed = { envelope: makeEnvelope(trigger, position, now), epochStart: this.epochs.start };
    this.history.append(relayed);
    const subscribers = this.subscriptions.size;
    if (trigger.removeAfterSend) this.cut(relayed);
    this.trim(now);
    return { relayed, position, subscribers };
  }

  since(after: Position): Missed {
    return this.missed(after) ?? 'lost';
  }

  put(subscription: NewSubscription, now: number): PutResult {
    const present = this.subscriptions.get(subscription.subscriber);
    return present ? this.change(present, subscription) : this.make(subscription, now);
  }

  /** Puts a subscription again, unless it was replaced or ended meanwhile. Answers whether the subscriber has one now. */
  restore(subscription: StoredSubscription): boolean {
    const present = this.subscriptions.get(subscription.subscriber);
    if (present) {
      if (present.subscriptionId === subscription.subscriptionId) {
        this.subscriptions.set({ ...present, lease: subscription.lease });
      }
      return true;
    }
    if (this.lastCut > this.epochs.countsAs(subscription.since)) return false;
    this.subscriptions.set(subscription);
    return true;
  }

  resume(subscriber: string, lease: LeaseId, seen: Position | undefined): Resumption {
    const { position, epochs, history, offset } = this;
    const known = { epochs, history, offset };
    const ended = this.cuts
      .of(subscriber)
      .map(({ subscription, relayed }) => resumedSubscription(subscription, seen, known, relayed));
    const keptAfter = offset - history.size;
    const standing = this.subscriptions.get(subscriber);
    if (!standing) return { position, keptAfter, subscriptions: ended };
    this.subscriptions.set({ ...standing, lease });
    const subscriptions = [...ended, resumedSubscription(standing, seen, known)];
    return { position, keptAfter, subscriptions };
  }

  /** Whether a subscription of the subscriber stands, or was set aside by a cut. */
  holds(subscriber: string): boolean {
    return this.subscriptions.get(subscriber) !== undefined || this.cuts.has(subscriber);
  }

  /** The cookies of all that the subscriber has here; with `next`, as they will be once it has subscribed with that cookie. */
  cookiesOf(subscriber: string, next?: string): readonly string[] {
    const aside = this.cuts.of(subscriber).map(({ subscription }) => subscription.cookie);
    const standing = next ?? this.subscriptions.get(subscriber)?.cookie;
    return standing === undefined ? aside : [...aside, standing];
  }

  /** Ends all that the subscriber has here. Answers the subscriptions that were ended. */
  remove(subscriber: string): readonly StoredSubscription[] {
    const ended = this.cuts.of(subscriber).map(({ subscription }) => subscription);
    const standing = this.subscriptions.get(subscriber);
    this.cuts.settle(subscriber, this.offset);
    this.subscriptions.delete(subscriber);
    return standing ? [...ended, standing] : ended;
  }

  /** Answers what the position counts as. */
  settle(subscriber: string, position: Position): number {
    const upTo = this.epochs.countsAs(position);
    this.cuts.settle(subscriber, upTo);
    return upTo;
  }

  private cut(relayed: Relayed): void {
    this.cuts.add(relayed, this.subscriptions.cut());
    this.lastCut = this.offset;
  }

  private change(present: StoredSubscription, { cookie, lease, after }: NewSubscription): PutResult {
    this.subscriptions.set({ ...present, cookie, lease });
    const { subscriptionId, since } = present;
    const { position } = this;
    return { subscriptionId, since, position, ...(after && { recovered: this.missed(after) !== undefined }) };
  }

  private make({ after, ...subscription }: NewSubscription, now: number): PutResult {
    const { position } = this;
    const missed = after && this.missed(after);
    const since = after && missed ? after : position;
    const result = { subscriptionId: subscription.subscriptionId, since, position };
    if (missed?.some(({ envelope }) => envelope.oneShot)) return { ...result, recovered: true, ended: true };
    this.subscriptions.set({ ...subscription, since, madeAt: now });
    return after ? { ...result, recovered: missed !== undefined } : result;
  }

  private missed(after: Position): readonly Relayed[] | undefined {
    if (!this.epochs.vouchesFor(after, this.offset)) return undefined;
    return this.history.after(after.offset, this.offset);
  }
}
