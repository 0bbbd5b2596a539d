import { HubError, type EventGuid, type Position } from '@ringback/contract';
import type { NamedClient } from './connected-client.js';
import type { Clock } from './ports/clock.port.js';
import type { Log } from './ports/log.port.js';
import type { SessionStore } from './ports/session-store.port.js';
import type { SubscriptionStore } from './ports/subscription-store.port.js';

/** How long acknowledgements are collected before they are stored together. */
const COALESCE_MS = 250;

export interface AcknowledgementPorts {
  readonly sessions: Pick<SessionStore, 'acknowledge'>;
  readonly subscriptions: Pick<SubscriptionStore, 'settle'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What named clients have acknowledged on its way into the store: the newest position of each event, a few times a second. */
export class Acknowledgements {
  private readonly waiting = new Set<NamedClient>();
  private scheduled = false;
  private flushedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly ports: AcknowledgementPorts,
    /** Called when the store does not know the session under this generation. */
    private readonly onRefused: (client: NamedClient) => Promise<void>,
  ) {}

  /** Cumulative: an older position of the same epoch changes nothing. It is stored within 250 ms, or as soon as the store can be reached. */
  note(client: NamedClient, eventguid: EventGuid, position: Position): void {
    const { noted } = client.session;
    const before = noted.get(eventguid);
    if (before?.epoch === position.epoch && before.offset >= position.offset) return;
    noted.set(eventguid, position);
    this.waiting.add(client);
    this.schedule();
  }

  /** Stores what the client has acknowledged by now. Rejects, with all of it still noted, if the store cannot be reached. */
  flush(client: NamedClient): Promise<void> {
    this.waiting.delete(client);
    return client.session.storing.run(() => this.store(client));
  }

  private async store(client: NamedClient): Promise<void> {
    const { session } = client;
    const positions = new Map(session.noted);
    if (positions.size === 0) return;
    session.noted.clear();
    session.underWay = positions;
    try {
      const stored = await this.ports.sessions.acknowledge(session.held, positions);
      for (const [eventguid, position] of positions) session.acknowledged.set(eventguid, position);
      await (stored ? this.settle(client, positions) : this.onRefused(client));
    } catch (error) {
      this.noteAgain(client, positions);
      throw error;
    } finally {
      session.underWay = new Map();
    }
  }

  private async settle(client: NamedClient, positions: ReadonlyMap<EventGuid, Position>): Promise<void> {
    const { session, subscriber } = client;
    for (const [eventguid, position] of positions) {
      if (mayHaveCuts(client, eventguid, position)) {
        const upTo = await this.ports.subscriptions.settle(eventguid, subscriber, position);
        session.settleCuts(eventguid, upTo);
      }
      if (isOver(client, eventguid)) session.forget(eventguid);
    }
  }

  private noteAgain(client: NamedClient, positions: ReadonlyMap<EventGuid, Position>): void {
    const { noted } = client.session;
    for (const [eventguid, position] of positions) if (!noted.has(eventguid)) noted.set(eventguid, position);
    if (client.connected) this.waiting.add(client);
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled || this.waiting.size === 0) return;
    this.scheduled = true;
    const { clock } = this.ports;
    // The first after a while goes at once: the less is on its way, the less a crash or a take-over brings again.
    clock.after(Math.max(0, this.flushedAt + COALESCE_MS - clock.now()), () => {
      this.scheduled = false;
      this.flushAll();
    });
  }

  private flushAll(): void {
    this.flushedAt = this.ports.clock.now();
    const clients = [...this.waiting].filter(({ session }) => session.storing.idle);
    Promise.all(clients.map((client) => this.flush(client))).catch((error: unknown) => {
      this.ports.log.warn('acknowledgements not stored yet', { clients: clients.length, error });
    });
    this.schedule();
  }
}

/**
 * Throws `not-found` for an event of which the session holds nothing, `bad-request` for what has not been delivered. Of an event that is still to be
 * resumed here, an earlier connection may have delivered anything.
 */
export function assertAcknowledgeable(client: NamedClient, eventguid: EventGuid, position: Position): void {
  const { session, subscriptions } = client;
  const subscription = subscriptions.get(eventguid);
  const lastCut = session.lastCutUpTo(eventguid, Number.POSITIVE_INFINITY);
  if (!subscription && session.events.has(eventguid) && !session.resumed.has(eventguid)) return;
  if (!subscription && lastCut === undefined) {
    throw new HubError('not-found', 'The session holds no subscription to this event.');
  }
  if (!session.knowsEpoch(eventguid, position.epoch)) {
    throw new HubError('bad-request', 'The position is of an epoch in which nothing was delivered.');
  }
  const reached = subscription ? subscription.reached : { epoch: position.epoch, offset: lastCut ?? 0 };
  if (reached?.epoch === position.epoch && position.offset > reached.offset) {
    throw new HubError('bad-request', 'Nothing has been delivered at this position yet.');
  }
}

/** Whether there may be cuts up to the position to settle: of an event that was not taken up here only the store knows. */
function mayHaveCuts({ session }: NamedClient, eventguid: EventGuid, { offset }: Position): boolean {
  return !session.resumed.has(eventguid) || session.lastCutUpTo(eventguid, offset) !== undefined;
}

/** Whether nothing is left of an event that was taken up here; of a client that is gone that cannot be told. */
function isOver({ connected, session, subscriptions }: NamedClient, eventguid: EventGuid): boolean {
  return (
    connected &&
    session.resumed.has(eventguid) &&
    !subscriptions.has(eventguid) &&
    !session.hasCuts(eventguid)
  );
}
