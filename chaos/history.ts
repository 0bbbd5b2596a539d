import type { ErrorCode } from '@ringback/contract';
import type { NamedHappening } from './named-happenings.js';

/** One firing as its publisher knows it; repeats with the same key belong to the same one. */
export interface Fired {
  readonly trigger: number;
  readonly attempt: number;
}

/** A subscription from its first asking to its end; it outlives the connections under it. */
export interface OfSubscription {
  readonly subscription: string;
  readonly eventguid: string;
  /** Present with named subscribers, whose subscriptions go on from one connection to the next. */
  readonly connection?: number;
}

export interface Invoked extends Fired {
  readonly kind: 'invoked';
  readonly eventguid: string;
  readonly key: string;
  readonly oneShot: boolean;
  readonly via: 'http' | 'sdk';
}
export interface Accepted extends Fired {
  readonly kind: 'accepted';
  readonly position: string;
}
/** It is certain that it was not accepted. */
export interface Refused extends Fired {
  readonly kind: 'refused';
  readonly code: string;
}
export interface Unknown extends Fired {
  readonly kind: 'unknown';
  readonly code: string;
}
export interface Asked extends OfSubscription {
  readonly kind: 'asked';
  readonly subscriber: string;
  readonly cookie: string;
}
export interface Subscribed extends OfSubscription {
  readonly kind: 'subscribed';
  readonly position: string;
}
export interface Delivered extends OfSubscription {
  readonly kind: 'delivered';
  readonly cookie: string;
  readonly position: string;
  /** The data that the publisher gave: the number of the trigger. */
  readonly trigger: number;
  readonly recovered?: boolean;
  readonly ended?: boolean;
}
export interface GapNoticed extends OfSubscription {
  readonly kind: 'gap';
  readonly after?: string;
  readonly position: string;
}
/** Nothing is to be delivered to it any more. */
export interface Ended extends OfSubscription {
  readonly kind: 'ended';
  readonly why: string;
}
export interface Disturbed {
  readonly kind: 'disturbed' | 'healed';
  readonly what: string;
  /** `redis`, or the id of the node that it comes between. */
  readonly hits?: string;
}
/** A node ended though nobody ended it. */
export interface Crashed {
  readonly kind: 'crashed';
  readonly nodeId: string;
  readonly output: string;
}
/** A node is not ready though all has been healed for long. */
export interface Unready {
  readonly kind: 'unready';
  readonly nodeId: string;
}
export interface StoredSubscription {
  readonly cookie: string;
  readonly nodeId: string;
  /** Of a named subscriber: what it has not acknowledged. */
  readonly pending?: number;
}
/** What the hub said about an event after all was quiet. */
export interface Stored {
  readonly kind: 'stored';
  readonly eventguid: string;
  readonly subscriptions: readonly StoredSubscription[];
  /** How long the history was when the hub was asked; absent: as long as it is here. */
  readonly askedAt?: number;
  /** As a trigger answers it. */
  readonly subscribers: number;
}
export interface NodesListed {
  readonly kind: 'nodes';
  readonly listed: readonly string[];
  readonly running: readonly string[];
}
/** Something beside the history that a reader may want to know. */
export interface Noted {
  readonly kind: 'noted';
  readonly what: string;
}

export type Happening =
  | Invoked
  | Accepted
  | Refused
  | Unknown
  | Asked
  | Subscribed
  | Delivered
  | GapNoticed
  | Ended
  | Disturbed
  | Crashed
  | Unready
  | Stored
  | NodesListed
  | Noted
  | NamedHappening;

/** A happening and when, in milliseconds since the start of the run. */
export type Entry = Happening & { readonly at: number };

/** What happened, in the order in which this process noticed it. */
export class History {
  readonly entries: Entry[] = [];
  private readonly startedAt = performance.now();

  get nowMs(): number {
    return Math.round(performance.now() - this.startedAt);
  }

  add(happening: Happening): void {
    this.entries.push({ ...happening, at: this.nowMs });
  }
}

const CERTAINLY_REFUSED: ReadonlySet<string> = new Set<ErrorCode>([
  'bad-request',
  'bad-eventguid',
  'unknown-method',
  'unauthorized',
  'forbidden',
  'not-found',
  'data-too-large',
  'unsupported-media-type',
  'too-many-commands',
  'too-many-connections',
  'draining',
]);

/** What an attempt that failed says about the trigger: with any other code it may have been accepted. */
export function failureOf(fired: Fired, code: string): Refused | Unknown {
  return { kind: CERTAINLY_REFUSED.has(code) ? 'refused' : 'unknown', ...fired, code };
}
