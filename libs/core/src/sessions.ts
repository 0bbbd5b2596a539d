import type { TurnBudget } from '@ringback/async';
import {
  CLOSE_REASONS,
  HubError,
  type CloseReasonName,
  type EventGuid,
  type Position,
} from '@ringback/contract';
import { assertAcknowledgeable, type Acknowledgements } from './acknowledgements.js';
import type { Clients } from './clients.js';
import { isNamedClient, type NamedClient } from './connected-client.js';
import type { Lease } from './lease.js';
import type { LocalSubscription } from './local-subscription.js';
import type { LocalTable } from './local-table.js';
import type { Reached } from './named-session.js';
import type { OwedRemovals } from './owed-removals.js';
import type { Log } from './ports/log.port.js';
import type { Peers } from './ports/peers.port.js';
import type { SessionClaim, SessionHolder, SessionStore } from './ports/session-store.port.js';
import type { SubscriptionStore } from './ports/subscription-store.port.js';
import type { Resuming } from './resuming.js';

/** Events of one session that are resumed at a time. */
const RESUMED_AT_A_TIME = 32;
/** Sessions that are looked at or put again at a time. */
const SESSIONS_AT_A_TIME = 500;

export interface SessionsPorts {
  readonly sessions: SessionStore;
  readonly subscriptions: Pick<SubscriptionStore, 'forget'>;
  readonly peers: Pick<Peers, 'tell'>;
  readonly log: Log;
}

/** The parts of the node that sessions work with. */
export interface SessionsParts {
  readonly nodeId: string;
  readonly clients: Clients;
  readonly lease: Lease;
  readonly table: LocalTable;
  readonly owed: OwedRemovals;
  readonly turns: TurnBudget;
  readonly resuming: Resuming;
  readonly acknowledgements: Acknowledgements;
}

/** The sessions of the named subscribers that are connected to this node: taken when they come, left when they go. */
export class Sessions {
  /** The newest connection of each subscriber here. */
  private readonly newest = new Map<string, NamedClient>();

  constructor(
    private readonly ports: SessionsPorts,
    private readonly parts: SessionsParts,
  ) {}

  /** Takes the session over, from whichever connection holds it. Commands of the client wait for that; if it fails, the connection is closed. */
  begin(client: NamedClient): void {
    const before = this.newest.get(client.subscriber);
    this.newest.set(client.subscriber, client);
    client.session.taken = this.take(client, before);
    client.session.taken
      .then(() => this.resumeAll(client))
      .catch((error: unknown) => this.giveUp(client, error));
  }

  /** Notes how far the client has processed the event. */
  async acknowledge(client: NamedClient, eventguid: EventGuid, position: Position): Promise<void> {
    await client.session.taken;
    await client.inOrder(eventguid, async () => {
      if (!client.connected) throw new HubError('closed');
      assertAcknowledgeable(client, eventguid, position);
      this.parts.acknowledgements.note(client, eventguid, position);
    });
  }

  /** The connection has ended: its session stays, away, with what was acknowledged up to now. */
  leave(client: NamedClient): void {
    this.parts.table.dropAll(client);
    if (this.newest.get(client.subscriber) === client) this.newest.delete(client.subscriber);
    this.parts.owed.settle(`session of ${client.connectionId}`, () => this.end(client));
  }

  /**
   * A subscription has ended here. By a cut that was delivered: it is kept until that is acknowledged. Otherwise the cut was lost on the way, or an
   * operator has removed it: the store knows, and what it still holds of the event is resumed after `reached`.
   */
  ended(subscription: LocalSubscription, reached: Reached | undefined): void {
    const { eventguid, endedAt, holder } = subscription;
    const client = this.parts.clients.find(holder.connectionId);
    if (!client || !isNamedClient(client)) return;
    if (endedAt === undefined) this.lookAgain(client, subscription, reached);
    else client.session.noteCut(eventguid, endedAt);
  }

  /** Another connection, here or elsewhere, has taken the session. */
  replaced(connectionId: string): void {
    const client = this.parts.clients.find(connectionId);
    if (client?.session) client.session.replaced = true;
    client?.connection.close(CLOSE_REASONS['session-taken-over']);
  }

  /** The store does not know that the client holds its session: makes it again if it was lost; if another has taken it, closes the connection. */
  async reclaim(client: NamedClient): Promise<void> {
    if (!client.connected) return;
    const { connectionId, session } = client;
    const { generation, acknowledged } = session;
    const isOurs = await this.ports.sessions.restore(this.claimOf(client), generation, acknowledged);
    if (!isOurs) this.replaced(connectionId);
    // It has left meanwhile, and its leave may have come first.
    else if (!client.connected) await this.ports.sessions.leave(session.held);
  }

  /**
   * Resolves once it is sure that the client had its session just now. A node that stood still may hold commands of a connection that was replaced
   * meanwhile: they must change nothing. Rejects with `closed` then, and closes the connection.
   */
  async confirm(client: NamedClient): Promise<void> {
    await client.session.taken;
    const [isHeld] = await this.ports.sessions.held([client.session.held]);
    if (isHeld !== true) await this.reclaim(client);
    if (client.session.replaced) throw new HubError('closed', 'A newer connection took the session over.');
  }

  /** What is due now and then: closes who was replaced without this node having heard of it, and ends the sessions of those who stayed away. */
  async tidy(): Promise<void> {
    await this.verify();
    const ended = await this.ports.sessions.expire();
    if (ended > 0) this.ports.log.info('sessions ended that nobody came back to', { sessions: ended });
  }

  /** Makes the sessions again as this node knows them, after the store or the lease was lost. */
  async restore(): Promise<void> {
    for (const batch of batches(this.held())) await this.reclaimAll(batch);
  }

  private async verify(): Promise<void> {
    for (const batch of batches(this.held())) {
      const held = await this.ports.sessions.held(batch.map(({ session }) => session.held));
      await this.reclaimAll(batch.filter((_, index) => held[index] === false));
    }
  }

  private async reclaimAll(clients: readonly NamedClient[]): Promise<void> {
    const { turns } = this.parts;
    await Promise.all(clients.map((client) => turns.run(() => this.reclaim(client))));
  }

  private held(): NamedClient[] {
    return this.parts.clients.named().filter(({ session }) => session.generation > 0);
  }

  private async take(client: NamedClient, before: NamedClient | undefined): Promise<void> {
    // Else not a turn is lost: of two connections that come at once the later one is to win.
    if (before && !before.session.isStored) await this.flush(before);
    const { connectionId, session } = client;
    const taken = await this.ports.sessions.take(this.claimOf(client));
    session.generation = taken.generation;
    for (const { eventguid, acknowledged } of taken.events) {
      session.events.add(eventguid);
      if (acknowledged) session.acknowledged.set(eventguid, acknowledged);
    }
    const { replaced } = taken;
    // A repeat of a command whose answer was lost finds itself.
    if (replaced && replaced.connectionId !== connectionId) this.tellReplaced(replaced);
  }

  /** What the connection that is about to be replaced has acknowledged still counts; if it cannot be stored, it comes again. */
  private async flush(before: NamedClient): Promise<void> {
    try {
      await this.parts.acknowledgements.flush(before);
    } catch (error) {
      this.ports.log.warn('acknowledgements lost by a take-over', {
        connectionId: before.connectionId,
        error,
      });
    }
  }

  private claimOf({ subscriber, connectionId }: NamedClient): SessionClaim {
    return { subscriber, connectionId, lease: this.parts.lease.id };
  }

  private async end(client: NamedClient): Promise<void> {
    const { session } = client;
    await session.taken.catch(() => 'told by giveUp');
    // What was taken without an answer has a generation that nobody knows. Owed once, however often a subscriber tries while the store is away.
    if (session.generation === 0) {
      const { subscriber } = client;
      return this.parts.owed.settle(`taking by ${subscriber}`, () => this.abandon(subscriber));
    }
    await client.settled();
    await this.parts.acknowledgements.flush(client);
    if (!session.replaced) await this.ports.sessions.leave(session.held);
  }

  /** Leaves the session if a connection holds it that has been here and is gone. */
  private async abandon(subscriber: string): Promise<void> {
    const { nodeId, clients, lease } = this.parts;
    const holder = (await this.ports.sessions.find(subscriber))?.holder;
    if (holder?.nodeId !== nodeId || clients.find(holder.connectionId)) return;
    await this.ports.sessions.abandon({ subscriber, connectionId: holder.connectionId, lease: lease.id });
  }

  private tellReplaced({ nodeId, connectionId }: SessionHolder): void {
    if (nodeId === this.parts.nodeId) return this.replaced(connectionId);
    this.ports.peers.tell(nodeId, { kind: 'replaced', connectionId }).catch((error: unknown) => {
      // It finds out by itself when it acknowledges, or compares.
      this.ports.log.warn('peer message failed', { nodeId, connectionId, error });
    });
  }

  private async resumeAll(client: NamedClient): Promise<void> {
    if (client.session.resume !== 'on-connect') return;
    const eventguids = [...client.session.events];
    for (let start = 0; start < eventguids.length; start += RESUMED_AT_A_TIME) {
      const batch = eventguids.slice(start, start + RESUMED_AT_A_TIME);
      await Promise.all(batch.map((eventguid) => this.resume(client, eventguid)));
    }
  }

  private async resume(client: NamedClient, eventguid: EventGuid): Promise<void> {
    await client.inOrder(eventguid, async () => {
      if (client.connected) await this.parts.resuming.resume(client, eventguid);
    });
  }

  private lookAgain(client: NamedClient, ended: LocalSubscription, reached: Reached | undefined): void {
    const { session, subscriptions } = client;
    const { eventguid } = ended;
    const newer = subscriptions.get(eventguid);
    const { since } = newer ?? ended;
    if (newer) this.parts.table.drop(newer); // it must not overtake what is resumed
    session.resumed.delete(eventguid);
    if (reached) session.leaveAt(eventguid, reached);
    const work = client.inOrder(eventguid, async () => {
      if (!client.connected || subscriptions.has(eventguid)) return;
      const found = await this.parts.resuming.resume(client, eventguid);
      // A cut that ended an earlier one has told the client nothing of this one.
      if (!found && session.lastCut(eventguid) <= (since?.offset ?? 0)) {
        this.parts.table.tellEnded(client, eventguid);
        await this.ports.subscriptions.forget(eventguid, client.subscriber);
      }
    });
    work.catch((error: unknown) => this.giveUp(client, error));
  }

  /** What cannot be resumed must not look whole: the client comes back and tries again. */
  private giveUp(client: NamedClient, error: unknown): void {
    if (!client.connected) return;
    const { code } = HubError.from(error);
    const { connectionId } = client;
    this.ports.log.warn('session not resumed', { connectionId, error });
    const name: CloseReasonName = code === 'offline-session-limit' ? code : 'session-acquire-failed';
    client.connection.close(CLOSE_REASONS[name]);
  }
}

function batches(clients: readonly NamedClient[]): NamedClient[][] {
  const result: NamedClient[][] = [];
  for (let start = 0; start < clients.length; start += SESSIONS_AT_A_TIME) {
    result.push(clients.slice(start, start + SESSIONS_AT_A_TIME));
  }
  return result;
}
