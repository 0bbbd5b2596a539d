import type { Presence } from '@ringback/contract';
import type { PresenceChange } from './fanout.js';
import type { FollowedEvent } from './followed-event.js';
import type { LocalSubscription } from './local-subscription.js';
import type { Clock } from './ports/clock.port.js';
import type { Codec, Frame } from './ports/codec.port.js';
import type { Log } from './ports/log.port.js';
import type { Members, SubscriptionStore } from './ports/subscription-store.port.js';

/** Who joins within this time is served by one read. */
const SNAPSHOT_AFTER_MS = 20;
/** How soon the store is asked again that could not be reached. */
const RETRY_AFTER_MS = 5_000;

/** A snapshot that is to be read or is being read. */
interface DueSnapshot {
  readonly event: FollowedEvent;
  readonly watchers: Set<LocalSubscription>;
  /** What was heard since the read began. */
  readonly changes: PresenceChange[];
}

/** Tells those who take part in an event who else does: a snapshot first, then joins and leaves. Best effort, nothing is kept. */
export class PresenceFeed {
  private readonly due = new Map<FollowedEvent, DueSnapshot>();
  private readonly reading = new Set<DueSnapshot>();

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
    this.schedule(event, only ? [only] : event.watchers, SNAPSHOT_AFTER_MS);
  }

  /** Passes a join or leave on, to all but those for whom it is part of the snapshot that they wait for. */
  tell(event: FollowedEvent, change: PresenceChange): void {
    const reading = [...this.reading].filter((snapshot) => snapshot.event === event);
    for (const { changes } of reading) changes.push(change);
    const due = this.due.get(event);
    const snapshots = due ? [...reading, due] : reading;
    const isServed = (watcher: LocalSubscription) =>
      snapshots.every(({ watchers }) => !watchers.has(watcher));
    send(event, [...event.watchers].filter(isServed), change);
  }

  private schedule(event: FollowedEvent, watchers: Iterable<LocalSubscription>, afterMs: number): void {
    let snapshot = this.due.get(event);
    if (!snapshot) {
      snapshot = { event, watchers: new Set(), changes: [] };
      this.due.set(event, snapshot);
      this.ports.clock.after(afterMs, () => this.read(event));
    }
    for (const watcher of watchers) snapshot.watchers.add(watcher);
  }

  private read(event: FollowedEvent): void {
    const snapshot = this.due.get(event);
    this.due.delete(event);
    if (!snapshot || ![...snapshot.watchers].some((watcher) => event.watchers.has(watcher))) return;
    this.show(snapshot).catch((error: unknown) => {
      this.ports.log.warn('presence not read', { eventguid: event.eventguid, error });
      this.schedule(event, snapshot.watchers, RETRY_AFTER_MS);
    });
  }

  private async show(snapshot: DueSnapshot): Promise<void> {
    const { event, watchers, changes } = snapshot;
    this.reading.add(snapshot);
    try {
      const members = await this.ports.subscriptions.present(event.eventguid, this.mostMembers);
      send(event, watchers, snapshotOf(members, changes));
    } finally {
      this.reading.delete(snapshot);
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
