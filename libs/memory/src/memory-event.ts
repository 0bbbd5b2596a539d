import type { Envelope, EventGuid, Labels, Position, Trigger } from '@ringback/contract';
import type {
  EventSummary,
  Missed,
  NewSubscription,
  PutResult,
  Relayed,
  Standing,
  StoredSubscription,
} from '@ringback/core';
import { Epochs } from './epochs.js';
import { History, type HistoryLimits } from './history.js';
import { NumberedMap } from './numbered-map.js';
import { RememberedAnswers } from './remembered-answers.js';

/** A trigger that was accepted now: the answer, without the nodes, and what is to be handed to them. */
export interface Accepted {
  readonly relayed: Relayed;
  readonly position: Position;
  readonly subscribers: number;
}

/** All that the cluster knows of one event: what stands under one hash tag in Redis. */
export class MemoryEvent {
  readonly subscriptions = new NumberedMap<StoredSubscription>();
  readonly history: History;
  readonly answers = new RememberedAnswers();
  /** When it was last in use by anybody. */
  usedAt = 0;
  private readonly epochs: Epochs;
  private offset = 0;
  /** The offset of the last one-shot. */
  private lastCut = 0;

  constructor(
    readonly eventguid: EventGuid,
    runId: string,
    limits: HistoryLimits,
  ) {
    this.epochs = new Epochs(runId);
    this.history = new History(limits);
  }

  get position(): Position {
    return this.epochs.position(this.offset);
  }

  get standing(): Standing {
    return { position: this.position, epochStart: this.epochs.start, cut: this.lastCut };
  }

  get summary(): EventSummary {
    const { eventguid, position } = this;
    return { eventguid, position, subscribers: this.subscriptions.size, kept: this.history.size };
  }

  /** Takes notice that the store has started anew, if it has. */
  enter(runId: string): void {
    this.epochs.enter(runId, this.offset);
  }

  accept(trigger: Trigger, now: number): Accepted {
    this.offset++;
    const { position } = this;
    const relayed = { envelope: makeEnvelope(trigger, position, now), epochStart: this.epochs.start };
    this.history.append(relayed);
    const subscribers = this.subscriptions.size;
    if (trigger.removeAfterSend) this.cut();
    return { relayed, position, subscribers };
  }

  since(after: Position): Missed {
    return this.missed(after) ?? 'lost';
  }

  put(subscription: NewSubscription, now: number): PutResult {
    const present = this.subscriptions.get(subscription.subscriber);
    return present ? this.change(present, subscription) : this.make(subscription, now);
  }

  /** Puts a subscription again, unless it was replaced or ended meanwhile. Answers whether it is stored now. */
  restore(subscription: StoredSubscription): boolean {
    const present = this.subscriptions.get(subscription.subscriber);
    if (present) {
      if (present.subscriptionId === subscription.subscriptionId) {
        this.store({ ...present, lease: subscription.lease });
      }
      return true;
    }
    if (this.lastCut > this.epochs.countsAs(subscription.since)) return false;
    this.store(subscription);
    return true;
  }

  private cut(): void {
    this.subscriptions.clear();
    this.lastCut = this.offset;
  }

  private change(present: StoredSubscription, { cookie, lease, after }: NewSubscription): PutResult {
    this.store({ ...present, cookie, lease });
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
    this.store({ ...subscription, since, madeAt: now });
    return after ? { ...result, recovered: missed !== undefined } : result;
  }

  private missed(after: Position): readonly Relayed[] | undefined {
    if (!this.epochs.vouchesFor(after, this.offset)) return undefined;
    return this.history.after(after.offset, this.offset);
  }

  private store(subscription: StoredSubscription): void {
    this.subscriptions.set(subscription.subscriber, subscription);
  }
}

function makeEnvelope(trigger: Trigger, position: Position, time: number): Envelope {
  const { eventguid, data, removeAfterSend: oneShot } = trigger;
  // Whoever triggered may use its bytes again; an envelope never changes.
  const kept = data instanceof Uint8Array ? data.slice() : data;
  return { ...labelsOf(trigger), eventguid, position, data: kept, time, oneShot };
}

function labelsOf({ type, contentType, source, id }: Labels): Labels {
  return {
    ...(type !== undefined && { type }),
    ...(contentType !== undefined && { contentType }),
    ...(source !== undefined && { source }),
    ...(id !== undefined && { id }),
  };
}
