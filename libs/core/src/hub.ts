import {
  CLOSE_REASONS,
  HubError,
  type CloseReason,
  type CloseReasonName,
  type Envelope,
  type EventGuid,
  type Limits,
  type Position,
  type SubscribeRequest,
  type Trigger,
} from '@ringback/contract';
import type { Action } from './actions.js';
import { clusterIdOf } from './cluster-id.js';
import { rateOf, type CommandRate } from './command-rate.js';
import { isNamedClient, type ConnectedClient } from './connected-client.js';
import { HubParts, type HubOptions, type HubPorts } from './hub-parts.js';
import { scopedKey } from './idempotency-key.js';
import { readHistory } from './kept-history.js';
import { assertCookie, assertData } from './limit-checks.js';
import { missingRight } from './missing-right.js';
import { NodeNotes } from './node-notes.js';
import { NodeServices, type NodeService } from './node-services.js';
import { Operator } from './operator.js';
import { closePaced } from './paced-close.js';
import { PeerDirectory } from './peer-directory.js';
import type { Credentials, Identity } from './ports/access-policy.port.js';
import type { Claims } from './ports/claims.port.js';
import type { ClusterKey } from './ports/cluster-key.port.js';
import type { ConnectionDirectory, LocalConnections } from './ports/connection-directory.port.js';
import type { Connection } from './ports/connection.port.js';
import type { NodeFigures } from './ports/lease-store.port.js';
import type { DisconnectReason, PauseCause } from './ports/metrics.port.js';
import type { PeerMessage } from './ports/peers.port.js';
import type { RecordStore } from './ports/record-store.port.js';
import { nameSession, type SessionRequest } from './session-request.js';
import type { SubscriptionWatcher } from './subscription-watchers.js';
import type { Subscribed } from './subscriptions.js';
import type { TriggerGuard } from './trigger-guard.js';
import { TriggerService, type HubTriggerOptions, type TriggerResult } from './trigger-service.js';

export type { HubOptions, HubPorts } from './hub-parts.js';
export type { SessionRequest } from './session-request.js';
export type { Subscribed } from './subscriptions.js';
export type { HubTriggerOptions, TriggerResult } from './trigger-service.js';

/** Names what is to be closed in the drain of a node beside its own clients, when that begins; each call closes one and never throws. */
export type DrainSource = () => readonly (() => void)[];

/** One node of the cluster, and its one door: whatever speaks with clients, or with other hubs, comes in here and nowhere else. */
export class Hub {
  readonly nodeId: string;
  readonly limits: Limits;
  /** What operators see and do. */
  readonly operator: Operator;
  /** What one holder at a time has in the whole cluster. */
  readonly claims: Claims;
  /** What the nodes of the cluster know and nobody else. */
  readonly clusterKey: ClusterKey;
  /** What gateways keep in the cluster for a time. */
  readonly records: RecordStore;
  /** What parts of one name on different nodes say to each other. */
  readonly notes: NodeNotes;
  private readonly parts: HubParts;
  private readonly triggers: TriggerService;
  private readonly services: NodeServices;
  private readonly drainSources: DrainSource[] = [];
  private state: 'open' | 'draining' | 'drained' = 'open';

  constructor(
    private readonly ports: HubPorts,
    options: HubOptions,
  ) {
    this.nodeId = options.nodeId;
    this.limits = options.limits;
    this.claims = ports.claims;
    this.clusterKey = ports.clusterKey;
    this.records = ports.records;
    this.notes = new NodeNotes(ports, options.nodeId);
    this.services = new NodeServices(ports.log);
    this.parts = new HubParts(ports, options);
    const { receipts, table } = this.parts;
    this.triggers = new TriggerService(ports, { receipts, fanout: table.fanout });
    this.operator = new Operator(ports, (identity, action, eventguid) =>
      this.authorize(identity, action, eventguid),
    );
  }

  /**
   * Joins the cluster: once this resolves, the other nodes see this one, and its services run. Rejects with `relay-unavailable`, or as a service does, or
   * with `draining` if it is drained meanwhile. What was started before it failed runs on until `drain`.
   */
  async start(): Promise<void> {
    await this.ports.peers.hear(this.nodeId, (message) => this.hear(message));
    this.assertOpen();
    await this.parts.keeper.start();
    await this.services.start();
    this.assertOpen();
  }

  /** Whether it takes in no more connections: from the beginning of its drain on. */
  get isDraining(): boolean {
    return this.state !== 'open';
  }

  /**
   * Stops the services, takes in no more connections and closes those there are with `draining`, spread over the time together with what the drain
   * sources name; what they ask meanwhile is still done. When the last is closed, their subscriptions have ended and the node has left the cluster.
   * Triggers are accepted before and after, for as long as the relay is open: whoever sends one may not know yet that the node is about to stop.
   */
  async drain(overMs = 0): Promise<void> {
    this.state = 'draining';
    const stopped = this.services.stop();
    if (stopped) await stopped;
    const clients = this.parts.clients.all().map(
      ({ connectionId }) =>
        () =>
          this.sendAway(connectionId),
    );
    const others = this.drainSources.flatMap((source) => source());
    const pace = { clock: this.ports.clock, turns: this.parts.turns };
    await closePaced([...clients, ...others], overMs, pace, (close) => close());
    const settled = await this.parts.owed.settleAll();
    this.state = 'drained';
    // What could not be removed is left to the living, who sweep a lease that has run out, but not one that was given up.
    await this.parts.keeper.stop(settled ? 'give-up' : 'let-run-out');
  }

  /** Closes one connection as the drain does: its client is told `draining`, and to come back. Answers whether there was one. */
  sendAway(connectionId: string): boolean {
    const client = this.parts.clients.find(connectionId);
    if (!client) return false;
    client.outbox.flush();
    client.connection.close(CLOSE_REASONS.draining);
    this.disconnect(connectionId, 'draining');
    return true;
  }

  /** Has the drain close, beside the clients, what the source names when it begins. */
  addDrainSource(source: DrainSource): void {
    this.drainSources.push(source);
  }

  /** Throws `forbidden`, with the right that is missing, unless the identity may do it. */
  authorize(identity: Identity, action: Action, eventguid?: EventGuid): void {
    if (!this.ports.access.allows(identity, action, eventguid)) throw missingRight(action);
  }

  /** Tells who it is. Rejects with `unauthorized`. */
  authenticate(credentials: Credentials): Promise<Identity> {
    return this.ports.access.authenticate(credentials);
  }

  /**
   * Takes in a connection; with `session`, or if the identity says so, as a named subscriber's, which takes the session over from whichever
   * connection holds it. Throws `too-many-connections`, `draining`, `bad-request` or `forbidden` (the identity may not be that subscriber); the
   * gateway then closes it. If the session cannot be taken, it is closed with `session-acquire-failed` or `offline-session-limit`.
   */
  connect(connection: Connection, identity: Identity, session?: SessionRequest): void {
    this.assertOpen();
    const client = this.parts.clients.add(
      connection,
      identity,
      nameSession(this.ports.access, identity, session),
    );
    this.ports.metrics.connected(connection.gateway);
    if (isNamedClient(client)) this.parts.sessions.begin(client);
  }

  /** The connection is gone: its subscriptions end, or wait for their named subscriber. Never throws; a second call does nothing. */
  disconnect(connectionId: string, reason: DisconnectReason = 'client'): void {
    const client = this.parts.clients.find(connectionId);
    if (!client) return;
    this.parts.clients.remove(client);
    if (isNamedClient(client)) this.parts.sessions.leave(client);
    else this.parts.table.leave(client);
    this.ports.metrics.disconnected(client.connection.gateway, reason);
  }

  /**
   * Subscribes the connection, or changes the cookie of its subscription. What comes after the answered position is delivered
   * from then on, never before this has resolved. Rejects, with nothing left behind, with a coded error.
   */
  async subscribe(connectionId: string, request: SubscribeRequest): Promise<Subscribed> {
    if (this.state === 'drained') throw new HubError('draining');
    const client = this.parts.clients.get(connectionId);
    this.authorize(client.identity, 'subscribe', request.eventguid);
    if (request.presence) this.authorize(client.identity, 'presence', request.eventguid);
    assertCookie(request.cookie, this.limits);
    if (request.presence && client.session) {
      throw new HubError('bad-request', 'A durable subscriber takes no part in presence.');
    }
    if (isNamedClient(client)) await this.parts.sessions.confirm(client);
    const subscribed = await this.parts.subscriptions.subscribe(client, request);
    if (request.presence) this.showPresence(client, request.eventguid);
    return subscribed;
  }

  /**
   * Notes that a named subscriber has processed the event up to the position: it is stored within 250 ms, and nothing up to there is replayed when the
   * subscriber comes back. Cumulative. Rejects with `bad-request` for who is not named and for what was not delivered, with `not-found` for an event that it does not hold.
   */
  async acknowledge(connectionId: string, eventguid: EventGuid, position: Position): Promise<void> {
    const client = this.parts.clients.get(connectionId);
    if (!isNamedClient(client)) throw new HubError('bad-request', 'Only durable subscribers acknowledge.');
    await this.parts.sessions.acknowledge(client, eventguid, position);
  }

  /** Resolves to whether there was a subscription. Nothing of it is delivered after this has resolved. */
  async unsubscribe(connectionId: string, eventguid: EventGuid): Promise<boolean> {
    const client = this.parts.clients.get(connectionId);
    if (isNamedClient(client)) await this.parts.sessions.confirm(client);
    return this.parts.subscriptions.unsubscribe(client, eventguid);
  }

  /**
   * Triggers the event: once this resolves, it is kept and on its way to every node that has subscribers; with `waitMs`, `receipt` then says what
   * became of it. It is handed to the relay before this returns, unless a guard has to be asked: triggers of one shard are accepted in the order of
   * the calls, without waiting for one another.
   */
  async trigger(
    identity: Identity,
    trigger: Trigger,
    options: HubTriggerOptions = {},
  ): Promise<TriggerResult> {
    this.authorize(identity, 'trigger', trigger.eventguid);
    if (trigger.removeAfterSend) this.authorize(identity, 'oneShot', trigger.eventguid);
    assertData(trigger.data, this.limits);
    const { key } = trigger;
    const scoped = key === undefined ? trigger : { ...trigger, key: scopedKey(identity, key) };
    return this.triggers.trigger(scoped, options);
  }

  /**
   * The epochs that positions of the events may be of, the present one first; none of an event that nobody has used. For gateways that have no room for an
   * epoch and say it shorter. Rejects with `relay-unavailable`.
   */
  async epochs(eventguids: readonly EventGuid[]): Promise<readonly (readonly string[])[]> {
    const standings = await this.ports.relay.standings(eventguids);
    return standings.map((standing) =>
      standing ? [standing.position.epoch].concat(standing.closed ?? []) : [],
    );
  }

  /**
   * What is kept of the event, oldest first; no further than `upTo`, if that is given: with the position that `subscribe` has answered, exactly what came
   * before that subscription. Rejects with `forbidden` for who may not read it, or with `relay-unavailable`.
   */
  async history(identity: Identity, eventguid: EventGuid, upTo?: Position): Promise<readonly Envelope[]> {
    this.authorize(identity, 'history', eventguid);
    return readHistory(this.ports.relay, eventguid, upTo);
  }

  /** The part of the relay that keeps the event, as known now: order among triggers is kept within one. */
  shardOf(eventguid: EventGuid): string {
    return this.ports.relay.shardOf(eventguid);
  }

  /** Asks the guard, from now on until what this returns is called, about the triggers that concern it, before they are published. */
  addTriggerGuard(guard: TriggerGuard): () => void {
    return this.triggers.addGuard(guard);
  }

  /** Every error that is answered passes here once: it is counted, and logged if it is our own fault. */
  failed(error: unknown): HubError {
    const hubError = HubError.from(error);
    this.ports.metrics.failed(hubError.code);
    if (hubError.code === 'internal') this.ports.log.error('internal error', { error });
    return hubError;
  }

  /** How many commands a second a client may send; `identity` is absent before it has said who it is. `undefined`: as many as it likes. */
  commandRate(identity?: Identity): CommandRate | undefined {
    return rateOf(this.ports.access, this.limits, identity);
  }

  /** A gateway does not read from a client for a while. What this returns is called once, when it does again. */
  onInboundPaused(gateway: string, cause: PauseCause): () => void {
    const { metrics, clock } = this.ports;
    const startedAt = clock.now();
    metrics.paused(gateway, cause);
    return () => metrics.resumed(gateway, cause, Math.max(0, clock.now() - startedAt));
  }

  /** A gateway closes a client, admitted or not, for what it has sent. */
  onInboundExceeded(gateway: string, reason: CloseReason): void {
    this.ports.metrics.exceeded(gateway, reason.name as CloseReasonName);
  }

  /** Shows the watcher the subscriptions that this node holds, at once, and then, until what this returns is called, those that begin and end. */
  watchSubscriptions(watcher: SubscriptionWatcher): () => void {
    return this.parts.table.watch(watcher);
  }

  /** A public name of the cluster, the same on all nodes for as long as its key. Rejects with `relay-unavailable`. */
  async clusterId(): Promise<string> {
    return clusterIdOf(await this.clusterKey.read());
  }

  figures(): NodeFigures {
    return this.parts.figures();
  }

  /** Runs the service from the moment in which the node has joined its cluster until it drains. To be called before `start`. */
  addService(service: NodeService): void {
    this.services.add(service);
  }

  /** Makes the connections of a gateway known to operators on every node, who ask this one: for a gateway without a way of its own for that. */
  addConnections(gateway: string, local: LocalConnections): void {
    this.addDirectory(new PeerDirectory(this.ports, this.notes, this.nodeId, gateway, local));
  }

  /** Makes the connections of a gateway known to operators. */
  addDirectory(directory: ConnectionDirectory): void {
    this.operator.addDirectory(directory);
  }

  private hear(message: PeerMessage): void {
    if (message.kind === 'receipt') this.parts.receipts.hear(message);
    else if (message.kind === 'note') this.notes.hear(message);
    else this.parts.sessions.replaced(message.connectionId);
  }

  private showPresence({ subscriptions }: ConnectedClient, eventguid: EventGuid): void {
    const event = this.parts.table.fanout.get(eventguid);
    const subscription = subscriptions.get(eventguid);
    if (event && subscription?.presence) this.parts.presence.refresh(event, subscription);
  }

  private assertOpen(): void {
    if (this.state !== 'open') throw new HubError('draining');
  }
}
