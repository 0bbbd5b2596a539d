import type { Envelope, EventGuid, Position, Published, TraceContext, Trigger } from '@ringback/contract';
import type { Page, PageRequest } from './page.js';

/** An envelope as it comes from the relay. */
export interface Relayed {
  readonly envelope: Envelope;
  /** The offset at which the envelope's epoch opened: what counts of positions from closed epochs. */
  readonly epochStart: number;
  /** Who wants to hear what became of it; absent in the history. */
  readonly receipt?: ReceiptRequest;
  /** The trace that its deliveries belong to; absent in the history. */
  readonly trace?: TraceContext;
}

/** Asks every node that an envelope reaches to tell the asking one what became of it. */
export interface ReceiptRequest {
  readonly nodeId: string;
  readonly receiptId: string;
}

/** What was kept after a position, or that it cannot be told any more. */
export type Missed = readonly Relayed[] | 'lost';

/** Where an event stands. */
export interface Standing {
  readonly position: Position;
  /** The offset at which the position's epoch opened. */
  readonly epochStart: number;
  /** The offset of the last one-shot; 0 if there was none. */
  readonly cut: number;
  /** Epochs before this one that positions may still be of, oldest first; absent where there is none. */
  readonly closed?: readonly string[];
}

/** What a node hears from the relay about the events that it follows. */
export interface RelayListener {
  /** Envelopes of one event come in order of offset; some may be missing, which the next one's offset shows. */
  onEnvelope(relayed: Relayed): void;
  /** Somebody else than its own connection has ended a stored subscription. */
  onRemoved(eventguid: EventGuid, subscriber: string, subscriptionId: string): void;
  /** A subscription that takes part in presence was made, or has ended otherwise than by a cut. Best effort. */
  onPresence(
    eventguid: EventGuid,
    change: { readonly kind: 'join' | 'leave'; readonly member: string },
  ): void;
  /** Envelopes of these events may have been lost on the way, the last ones included: their positions are to be compared. */
  onDoubt(eventguids: readonly EventGuid[]): void;
  /** Where the events are kept was restarted or taken over by a replica: what was stored last may be missing. */
  onFailover(): void;
}

/** Carries envelopes between nodes and keeps a bounded history of them. */
export interface Relay {
  /**
   * Keeps and publishes in one atomic step: checks the key, takes the next offset, appends to the history, trims it,
   * ends the stored ephemeral subscriptions if `removeAfterSend`, hands the envelope to every node that follows.
   * Stored named subscriptions are set aside with the
   * envelope instead. Once it resolves, all that has happened. `receipt` and `trace` travel beside the envelope and are not kept; with the repeat of a key nothing travels. Rejects within 2 s with `relay-unavailable`: its
   * fate is then unknown, or with `cluster-refuses-writes`: nothing of it was done.
   *
   * Triggers of one shard are accepted in the order of the calls, whether or not those before have been answered.
   */
  publish(trigger: Trigger, receipt?: ReceiptRequest, trace?: TraceContext): Promise<Published>;
  /** What keeps the event, as known now: one server, by a name of its own. Must be quick: it stands on every trigger's path. */
  shardOf(eventguid: EventGuid): string;
  /** From the moment this resolves, later envelopes of the event reach the listener. Calls for one event never overlap. */
  follow(eventguid: EventGuid): Promise<void>;
  /** Once this resolves, nothing of the event reaches the listener. */
  unfollow(eventguid: EventGuid): Promise<void>;
  /**
   * What was kept after a position, oldest first, across epochs that lost nothing; `'lost'` when the history no longer
   * reaches back, or the position's epoch is unknown or was closed before it.
   */
  since(eventguid: EventGuid, after: Position): Promise<Missed>;
  /**
   * Where the events stand; `undefined` for one that nobody has used. Once this resolves, everything up to the answered positions
   * that will reach the listener by itself has reached it: what it lacks is lost on the way and has to be read with `since`.
   */
  standings(eventguids: readonly EventGuid[]): Promise<readonly (Standing | undefined)[]>;
  /** One page of the kept history, oldest first. For operators. */
  history(eventguid: EventGuid, page: PageRequest): Promise<Page<Envelope>>;
  /** Sets who hears; called once, before the first `follow`. */
  listen(listener: RelayListener): void;
}
