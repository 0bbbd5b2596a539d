import type { EventGuid, Position } from '@ringback/contract';
import type { HeldSession } from './ports/session-store.port.js';
import { SerialQueue } from './serial-queue.js';

/** When the events of a session are resumed: all after connecting, or each when the client subscribes to it. */
export type ResumeMode = 'on-connect' | 'on-subscribe';

/** How far an event has come at a client. */
export interface Reached extends Position {
  /** Whether the client had come further, in an epoch that has lost what came after this, and was not told so yet. */
  readonly rewound?: boolean;
}

/** What a named client is beside its connection: its session, and how far it has acknowledged. */
export class NamedSession {
  /** 0 until it is taken. */
  generation = 0;
  /** Resolves once it is taken; rejects if it could not be. */
  taken: Promise<void> = Promise.resolve();
  /** Whether it is known that another connection has taken it since. */
  replaced = false;
  /** Events that the session held when it was taken. */
  readonly events = new Set<EventGuid>();
  /** As far as the store knows. */
  readonly acknowledged = new Map<EventGuid, Position>();
  /** Acknowledged by the client and not stored yet. */
  readonly noted = new Map<EventGuid, Position>();
  /** Batches of what was acknowledged go into the store one at a time. */
  readonly storing = new SerialQueue();
  /** The batch that is on its way. */
  underWay: ReadonlyMap<EventGuid, Position> = new Map();
  /** Events whose place in the session this connection has taken up. */
  readonly resumed = new Set<EventGuid>();
  /** How far events had come here whose subscriptions ended without what ended them: they are resumed from there. */
  readonly left = new Map<EventGuid, Reached>();
  /** Epochs in which subscriptions of an event began, stood or delivered on this connection. */
  private readonly epochs = new Map<EventGuid, Set<string>>();
  /** Offsets of the cuts that were delivered here and are not settled. */
  private readonly cuts = new Map<EventGuid, number[]>();

  constructor(
    readonly subscriber: string,
    readonly resume: ResumeMode,
  ) {}

  get held(): HeldSession {
    return { subscriber: this.subscriber, generation: this.generation };
  }

  /** Notes how far the event had come here. What was left unfinished before is not passed over: the earlier place stays. */
  leaveAt(eventguid: EventGuid, reached: Reached): void {
    const before = this.left.get(eventguid);
    if (!before || reached.offset < before.offset) this.left.set(eventguid, reached);
  }

  /** Whether the store knows all that was acknowledged. */
  get isStored(): boolean {
    return this.noted.size === 0 && this.underWay.size === 0;
  }

  /** How far the client has said that it has processed the event, stored or not. */
  seen(eventguid: EventGuid): Position | undefined {
    const { noted, underWay, acknowledged } = this;
    return noted.get(eventguid) ?? underWay.get(eventguid) ?? acknowledged.get(eventguid);
  }

  noteEpoch(eventguid: EventGuid, epoch: string): void {
    const epochs = this.epochs.get(eventguid);
    if (epochs) epochs.add(epoch);
    else this.epochs.set(eventguid, new Set([epoch]));
  }

  /** Whether the client may have come to a position of the epoch. */
  knowsEpoch(eventguid: EventGuid, epoch: string): boolean {
    return this.seen(eventguid)?.epoch === epoch || (this.epochs.get(eventguid)?.has(epoch) ?? false);
  }

  noteCut(eventguid: EventGuid, offset: number): void {
    const cuts = this.cuts.get(eventguid);
    if (!cuts) this.cuts.set(eventguid, [offset]);
    else if (!cuts.includes(offset)) cuts.push(offset);
  }

  hasCut(eventguid: EventGuid, offset: number): boolean {
    return this.cuts.get(eventguid)?.includes(offset) ?? false;
  }

  hasCuts(eventguid: EventGuid): boolean {
    return this.cuts.has(eventguid);
  }

  /** The last cut that is not settled; 0 if there is none. */
  lastCut(eventguid: EventGuid): number {
    return this.lastCutUpTo(eventguid, Number.POSITIVE_INFINITY) ?? 0;
  }

  /** How many events it holds beside these and that one: not resumed yet, or ended by cuts that are not settled. */
  countBeside(present: ReadonlyMap<EventGuid, unknown>, eventguid: EventGuid): number {
    let count = 0;
    for (const held of new Set([...this.events, ...this.cuts.keys()])) {
      if (held !== eventguid && !present.has(held)) count++;
    }
    return count;
  }

  /** The last cut at or before the offset; `undefined` if there is none to settle. */
  lastCutUpTo(eventguid: EventGuid, offset: number): number | undefined {
    const due = this.cuts.get(eventguid)?.filter((cut) => cut <= offset) ?? [];
    return due.length === 0 ? undefined : Math.max(...due);
  }

  settleCuts(eventguid: EventGuid, upTo: number): void {
    const left = this.cuts.get(eventguid)?.filter((cut) => cut > upTo) ?? [];
    if (left.length === 0) this.cuts.delete(eventguid);
    else this.cuts.set(eventguid, left);
  }

  /** Nothing of the event is left. */
  forget(eventguid: EventGuid): void {
    const { acknowledged, noted, cuts, epochs, left, events, resumed } = this;
    for (const kept of [acknowledged, noted, cuts, epochs, left, events, resumed]) kept.delete(eventguid);
  }
}

/** The identity of a named subscriber, as it stands in the subscriber's name. */
export function identityOf(subscriber: string): string {
  return subscriber.slice(2, subscriber.indexOf('/'));
}

/** The name under which the store knows a named subscriber: no identity can make itself another's. */
export function subscriberName(identity: string, subscriberId: string): string {
  return `n:${identity.replace(/[%/]/g, encodeURIComponent)}/${subscriberId}`;
}
