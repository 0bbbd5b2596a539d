import { formatPosition, type Envelope, type EventGuid, type Position } from '@ringback/contract';
import type { Metrics, Missed, Relay, Relayed, Standing } from '@ringback/core';
import type { HubLog, Timers } from '@ringback/signalr';
import { HeldEnvelopes } from './held-envelopes.js';
import { persist } from './persistence.js';

/** What a channel needs of its node. */
export interface ChannelContext {
  readonly relay: Pick<Relay, 'follow' | 'unfollow' | 'since' | 'standings'>;
  readonly timers: Timers;
  readonly log: HubLog;
  readonly metrics: Pick<Metrics, 'gap'>;
  readonly maxHeldBytes: number;
  /** Takes the next envelope. Must not throw. */
  readonly onNext: (envelope: Envelope) => void;
}

/** What was read of a gap, and where the event stands if that is known. */
interface Found {
  readonly missed: Missed;
  readonly standing: Standing | undefined;
  /** Where the epoch opened from which this was read: what came before it is lost. */
  readonly lostUpTo?: Position;
}

const BEFORE_ALL: Position = { epoch: '', offset: 0 };

/**
 * One event on the way to this node: hands on every envelope once and in order. Where one is missing, those behind it are held
 * until it has been read from what the relay keeps.
 */
export class FollowedChannel {
  private last = BEFORE_ALL;
  /** There while something is read; at first, where the event stands. */
  private held: HeldEnvelopes | undefined;
  /** Where the relay says that the event stands, told meanwhile. */
  private toCompare: Standing | undefined;
  private closed = false;

  constructor(
    readonly eventguid: EventGuid,
    private readonly context: ChannelContext,
  ) {
    this.held = new HeldEnvelopes(context.maxHeldBytes);
  }

  /** Once this resolves, all that is published from now on is handed on. Rejects with `relay-unavailable`. */
  async open(): Promise<void> {
    const { relay } = this.context;
    await relay.follow(this.eventguid);
    const [standing] = await relay.standings([this.eventguid]);
    if (standing) this.last = standing.position;
    this.release();
  }

  /** Once this resolves, nothing is handed on any more. */
  async close(): Promise<void> {
    this.closed = true;
    await this.context.relay.unfollow(this.eventguid);
  }

  /** Takes an envelope from the relay. */
  receive(relayed: Relayed): void {
    if (this.closed) return;
    if (this.held) this.held.add(relayed);
    else if (follows(relayed, this.last)) this.handOn(relayed);
    else if (!repeats(relayed, this.last)) this.fillGap(relayed);
  }

  /** Compares with where the relay says that the event stands, and reads what has not come. */
  compare(standing: Standing): void {
    if (this.closed) return;
    if (this.held) this.toCompare = standing;
    else if (isBehind(this.last, standing)) this.fillGap(undefined, standing);
  }

  private handOn({ envelope }: Relayed): void {
    this.last = envelope.position;
    this.context.onNext(envelope);
  }

  private fillGap(first: Relayed | undefined, standing?: Standing): void {
    this.held = new HeldEnvelopes(this.context.maxHeldBytes);
    if (first) this.held.add(first);
    this.read(first, standing)
      .catch((error: unknown): Found => {
        this.warn('messages between nodes not read', { error });
        return { missed: 'lost', standing };
      })
      .then((found) => this.resume(found))
      .catch((error: unknown) => this.warn('gap between nodes not passed', { error }));
  }

  /** A relay that is away is asked again: only its answer tells whether something is lost. */
  private read(first: Relayed | undefined, standing: Standing | undefined): Promise<Found> {
    const { timers } = this.context;
    return persist(() => this.readOnce(first, standing), {
      timers,
      isOver: () => this.closed,
      onFailed: (error) => this.warn('messages between nodes not read yet', { error }),
    });
  }

  private async readOnce(first: Relayed | undefined, known: Standing | undefined): Promise<Found> {
    const { relay } = this.context;
    const present = first?.envelope.position ?? known?.position;
    // Before the first envelope there was no epoch to stand in.
    const after = this.last === BEFORE_ALL && present ? { ...present, offset: 0 } : this.last;
    const missed = await relay.since(this.eventguid, after);
    if (missed !== 'lost') return { missed, standing: known };
    const [standing] = known || first ? [known] : await relay.standings([this.eventguid]);
    return (await this.readNewEpoch(first, standing)) ?? { missed, standing };
  }

  /** A relay that was restarted without what it kept has, as a rule, kept all since. */
  private async readNewEpoch(
    first: Relayed | undefined,
    standing: Standing | undefined,
  ): Promise<Found | undefined> {
    const { epoch } = first?.envelope.position ?? standing?.position ?? this.last;
    if (epoch === this.last.epoch) return undefined;
    const lostUpTo = { epoch, offset: (first ?? standing)?.epochStart ?? 0 };
    const missed = await this.context.relay.since(this.eventguid, lostUpTo);
    return missed === 'lost' ? undefined : { missed, standing, lostUpTo };
  }

  /** Goes on after a gap: with what was missed, or past it. */
  private resume({ missed, standing, lostUpTo }: Found): void {
    if (this.closed) return;
    if (missed === 'lost') this.pass(this.present(standing));
    else {
      if (lostUpTo) this.pass(lostUpTo);
      this.catchUp(missed, standing);
    }
    this.release();
  }

  private catchUp(missed: readonly Relayed[], standing: Standing | undefined): void {
    if (missed.length > 0) this.context.metrics.gap(true);
    for (const relayed of missed) if (!repeats(relayed, this.last)) this.handOn(relayed);
    if (standing && this.opensHere(standing)) this.last = standing.position;
    // The history held all there is: an envelope that is not in it, and does not follow it, is of a closed epoch.
    if (this.held?.first && !follows(this.held.first, this.last)) this.held.dropFirst();
  }

  /** Whether a new epoch has opened without an envelope yet. */
  private opensHere({ position, epochStart }: Standing): boolean {
    return position.offset === this.last.offset && epochStart === this.last.offset;
  }

  /** Where to go on when nothing can be read: before what is held, or where the event stands. */
  private present(standing: Standing | undefined): Position | undefined {
    const { position } = this.held?.first?.envelope ?? {};
    return position ? { ...position, offset: position.offset - 1 } : standing?.position;
  }

  private pass(upTo: Position | undefined): void {
    this.context.metrics.gap(false);
    this.warn('messages between nodes lost', {
      after: formatPosition(this.last),
      ...(upTo && { upTo: formatPosition(upTo) }),
    });
    if (upTo) this.last = upTo;
  }

  /** Hands on what was held, and compares with what was told meanwhile. */
  private release(): void {
    const { held, toCompare } = this;
    this.held = undefined;
    this.toCompare = undefined;
    for (const relayed of held ?? []) this.receive(relayed);
    if (toCompare) this.compare(toCompare);
  }

  private warn(message: string, fields: Readonly<Record<string, unknown>>): void {
    if (!this.closed) this.context.log.warn(message, { eventguid: this.eventguid, ...fields });
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

/** Whether the event stands where the position does not reach, or in another epoch. */
function isBehind(last: Position, { position }: Standing): boolean {
  return position.epoch !== last.epoch || position.offset > last.offset;
}
