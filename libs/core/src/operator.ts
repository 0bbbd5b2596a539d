import { HubError, type Envelope, type EventGuid, type Position } from '@ringback/contract';
import type { Identity } from './ports/access-policy.port.js';
import type { OperatorAction } from './actions.js';
import type { ConnectionDirectory, ConnectionSummary } from './ports/connection-directory.port.js';
import type { LeaseStore, NodeLease } from './ports/lease-store.port.js';
import type { Page, PageRequest } from './ports/page.js';
import type { Relay } from './ports/relay.port.js';
import type { SessionHolder, SessionStore, SessionSummary } from './ports/session-store.port.js';
import {
  isNamed,
  type EventSummary,
  type StoredSubscription,
  type SubscriptionStore,
} from './ports/subscription-store.port.js';

/** A subscription as operators see it. */
export type OperatorSubscription = StoredSubscription & {
  /** Of a named subscriber. */
  readonly session?: SubscriberStanding;
};

/** How far a named subscriber has come with one event. */
export interface SubscriberStanding {
  /** Absent while it is away. */
  readonly holder?: SessionHolder;
  readonly lastSeenAt: number;
  readonly acknowledged?: Position;
  /** Kept envelopes after what was acknowledged, or after `since`. */
  readonly pending: number;
}

export interface OperatorPorts {
  readonly relay: Pick<Relay, 'history'>;
  readonly subscriptions: SubscriptionStore;
  readonly leases: LeaseStore;
  readonly sessions: Pick<SessionStore, 'find' | 'away'>;
}

type Authorize = (identity: Identity, action: OperatorAction, eventguid?: EventGuid) => void;

/** What operators see and do, on any node for the whole cluster. Rejects with `forbidden` for who has not the right to `read`, or to end `subscriptions` or `connections`. */
export class Operator {
  private readonly directories: ConnectionDirectory[] = [];

  constructor(
    private readonly ports: OperatorPorts,
    private readonly authorize: Authorize,
  ) {}

  addDirectory(directory: ConnectionDirectory): void {
    this.directories.push(directory);
  }

  async nodes(identity: Identity, page: PageRequest): Promise<Page<NodeLease>> {
    this.authorize(identity, 'read');
    return this.ports.leases.nodes(page);
  }

  async events(identity: Identity, page: PageRequest): Promise<Page<EventSummary>> {
    this.authorize(identity, 'read');
    return this.ports.subscriptions.events(page);
  }

  async event(identity: Identity, eventguid: EventGuid): Promise<EventSummary> {
    this.authorize(identity, 'read', eventguid);
    return found(await this.ports.subscriptions.event(eventguid), 'event');
  }

  async subscriptions(
    identity: Identity,
    eventguid: EventGuid,
    page: PageRequest,
  ): Promise<Page<OperatorSubscription>> {
    this.authorize(identity, 'read', eventguid);
    const { items, ...more } = await this.ports.subscriptions.subscriptions(eventguid, page);
    if (!items.some(({ subscriber }) => isNamed(subscriber))) return { items, ...more };
    const summary = await this.ports.subscriptions.event(eventguid);
    return { items: await Promise.all(items.map((item) => this.withSession(item, summary))), ...more };
  }

  /** Sessions of named subscribers that are away. */
  async sessions(identity: Identity, page: PageRequest): Promise<Page<SessionSummary>> {
    this.authorize(identity, 'read');
    return this.ports.sessions.away(page);
  }

  async session(identity: Identity, subscriber: string): Promise<SessionSummary> {
    this.authorize(identity, 'read');
    return found(await this.ports.sessions.find(subscriber), 'session');
  }

  async history(identity: Identity, eventguid: EventGuid, page: PageRequest): Promise<Page<Envelope>> {
    this.authorize(identity, 'read', eventguid);
    return this.ports.relay.history(eventguid, page);
  }

  /**
   * Ends the subscription in the store at once, and on its node as soon as that hears of it. A node whose link to the relay is
   * broken at that moment does not, and goes on until its connection ends.
   */
  async removeSubscription(identity: Identity, eventguid: EventGuid, subscriber: string): Promise<void> {
    this.authorize(identity, 'subscriptions', eventguid);
    const removed = await this.ports.subscriptions.remove(eventguid, subscriber, 'tell-nodes');
    if (!removed) throw new HubError('not-found', 'There is no such subscription.');
  }

  private async withSession(
    item: StoredSubscription,
    event: EventSummary | undefined,
  ): Promise<OperatorSubscription> {
    if (!isNamed(item.subscriber)) return item;
    const summary = await this.ports.sessions.find(item.subscriber);
    if (!summary) return item;
    const { holder, lastSeenAt, events } = summary;
    const acknowledged = events.find(({ eventguid }) => eventguid === item.eventguid)?.acknowledged;
    const from = Math.max(item.since.offset, acknowledged?.offset ?? 0);
    return {
      ...item,
      session: {
        ...(holder && { holder }),
        lastSeenAt,
        ...(acknowledged && { acknowledged }),
        pending: Math.min(event?.kept ?? 0, Math.max(0, (event?.position.offset ?? 0) - from)),
      },
    };
  }

  /** How many connections there are, on all nodes. */
  async connections(identity: Identity): Promise<number> {
    this.authorize(identity, 'read');
    const counts = await Promise.all(this.directories.map((directory) => directory.count()));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async connection(identity: Identity, connectionId: string): Promise<ConnectionSummary> {
    this.authorize(identity, 'read');
    return found(await this.first((directory) => directory.find(connectionId)), 'connection');
  }

  /** Closes the connection with `closed-by-operator`, which tells its client not to come back. */
  async disconnect(identity: Identity, connectionId: string): Promise<void> {
    this.authorize(identity, 'connections');
    const closed = await this.first((directory) => directory.disconnect(connectionId));
    if (!closed) throw new HubError('not-found', 'There is no such connection.');
  }

  /** What one of the directories has to say. Those that cannot tell count only if no other knows: a connection is in one of them. */
  private async first<Said>(
    ask: (directory: ConnectionDirectory) => Promise<Said | undefined>,
  ): Promise<Said | undefined> {
    const asked = await Promise.allSettled(this.directories.map(ask));
    for (const answer of asked) if (answer.status === 'fulfilled' && answer.value) return answer.value;
    for (const answer of asked) if (answer.status === 'rejected') throw answer.reason;
    return undefined;
  }
}

function found<Item>(item: Item | undefined, what: string): Item {
  if (item === undefined) throw new HubError('not-found', `There is no such ${what}.`);
  return item;
}
