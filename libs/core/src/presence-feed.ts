import type { Presence } from '@ringback/contract';
import type { PresenceChange } from './fanout.js';
import type { FollowedEvent } from './followed-event.js';
import type { LocalSubscription } from './local-subscription.js';
import type { Clock } from './ports/clock.port.js';
import type { Codec, Frame } from './ports/codec.port.js';
import type { Log } from './ports/log.port.js';
import type { Members, SubscriptionStore } from './ports/subscription-store.port.js';

/** What happens within this time is told together, and who joins within it is served by one read. */
const ROUND_MS = 20;
/** A round costs each watcher a frame for each change; from here on a snapshot is cheaper. */
const MAX_CHANGES = 16;
/** An event whose members come and go all the time sends no more than 10,000 frames a second: the node serves others too. */
const REST_MS_PER_FRAME = 0.1;
/** How soon the store is asked again that could not be reached. */
const RETRY_AFTER_MS = 5_000;

/** What those who watch an event are told together. */
interface Round {
  /** Who is to get a snapshot instead. */
  readonly newcomers: Set<LocalSubscription>;
  /** The last that was heard of each member: who has left again must not be left out, or a snapshot that was read in between would stand. */
  readonly changes: Map<string, PresenceChange>;
}

/** A snapshot that is being read. */
interface Reading {
  readonly event: FollowedEvent;
  readonly watchers: ReadonlySet<LocalSubscription>;
  /** What was heard since the read began. */
  readonly changes: PresenceChange[];
}

/**
 * Tells those who take part in an event who else does: a snapshot first, then who has joined and left, in rounds: each member once a round
 * at most, with what it did last. Best effort, nothing is kept.
 */
export class PresenceFeed {
  private readonly rounds = new Map<FollowedEvent, Round>();
  private readonly readings = new Set<Reading>();

  constructor(
    private readonly ports: {
      readonly subscriptions: Pick<SubscriptionStore, 'present'>;
      readonly clock: Clock;
      readonly log: Log;
    },
    private readonly mostMembers: number,
  ) {}

  /** Sends the subscription, or all who watch the event, a snapshot soon. */
  refresh(event: FollowedEvent, only?: LocalSubscription): void {
    this.showSoon(event, only ? [only] : event.watchers, ROUND_MS);
  }

  /** Passes a join or leave on soon, to all but those for whom it is part of the snapshot that they wait for. */
  tell(event: FollowedEvent, change: PresenceChange): void {
    for (const reading of this.readings) if (reading.event === event) reading.changes.push(change);
    this.roundOf(event, ROUND_MS).changes.set(change.member, change);
  }

  private showSoon(event: FollowedEvent, watchers: Iterable<LocalSubscription>, afterMs: number): void {
    const { newcomers } = this.roundOf(event, afterMs);
    for (const watcher of watchers) newcomers.add(watcher);
  }

  /** The one that is next, which ends after so long if it only begins now. */
  private roundOf(event: FollowedEvent, afterMs: number): Round {
    let round = this.rounds.get(event);
    if (!round) {
      round = { newcomers: new Set(), changes: new Map() };
      this.rounds.set(event, round);
      this.ports.clock.after(afterMs, () => this.end(event));
    }
    return round;
  }

  private end(event: FollowedEvent): void {
    const round = this.rounds.get(event);
    this.rounds.delete(event);
    if (!round || event.watchers.size === 0) return;
    const { newcomers, changes } = round;
    const shown = changes.size > MAX_CHANGES ? [...event.watchers] : [...newcomers];
    const watchers = new Set(shown.filter((watcher) => event.watchers.has(watcher)));
    const others = this.othersThan(watchers, event);
    if (others.length > 0) for (const change of changes.values()) send(event, others, change);
    if (watchers.size > 0) this.show(event, watchers);
    this.rest(event, watchers.size + others.length * changes.size);
  }

  /** Those who have had their snapshot. */
  private othersThan(newcomers: ReadonlySet<LocalSubscription>, event: FollowedEvent): LocalSubscription[] {
    const readings = [...this.readings].filter((reading) => reading.event === event);
    const isWaiting = (one: LocalSubscription) =>
      newcomers.has(one) || readings.some(({ watchers }) => watchers.has(one));
    return [...event.watchers].filter((watcher) => !isWaiting(watcher));
  }

  /** The next round of an event to which much was sent is longer. */
  private rest(event: FollowedEvent, frames: number): void {
    const restMs = frames * REST_MS_PER_FRAME;
    if (restMs > ROUND_MS) this.roundOf(event, restMs);
  }

  private show(event: FollowedEvent, watchers: ReadonlySet<LocalSubscription>): void {
    this.read({ event, watchers, changes: [] }).catch((error: unknown) => {
      this.ports.log.warn('presence not read', { eventguid: event.eventguid, error });
      this.showSoon(event, watchers, RETRY_AFTER_MS);
    });
  }

  private async read(reading: Reading): Promise<void> {
    const { event, watchers, changes } = reading;
    this.readings.add(reading);
    try {
      const members = await this.ports.subscriptions.present(event.eventguid, this.mostMembers);
      send(event, watchers, snapshotOf(members, changes));
    } finally {
      this.readings.delete(reading);
    }
  }
}

/** What was read, with what was heard meanwhile: a leave that came first must not be undone by an older list. */
function snapshotOf({ members, total }: Members, changes: readonly PresenceChange[]): Presence {
  const present = new Set(members);
  for (const { kind, member } of changes) {
    if (kind === 'join') present.add(member);
    else present.delete(member);
  }
  const more = Math.max(0, total - members.length);
  return { kind: 'snapshot', members: [...present], total: present.size + more };
}

/** One frame for each codec, whatever the number of those who get it. */
function send(event: FollowedEvent, watchers: Iterable<LocalSubscription>, presence: Presence): void {
  const frames = new Map<Codec, Frame | undefined>();
  for (const watcher of watchers) {
    if (!event.watchers.has(watcher)) continue;
    const { codec, outbox } = watcher.holder;
    if (!frames.has(codec)) frames.set(codec, codec.encodePresence?.(event.eventguid, presence));
    const frame = frames.get(codec);
    if (frame !== undefined) outbox.push(frame);
  }
}
