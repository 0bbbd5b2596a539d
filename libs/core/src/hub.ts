import {
  CLOSE_REASONS,
  HubError,
  isWellFormed,
  utf8Bytes,
  type EventGuid,
  type Limits,
  type Published,
  type Trigger,
} from '@ringback/contract';
import { Clients } from './clients.js';
import { Interval } from './interval.js';
import { Lease } from './lease.js';
import { LeaseKeeper } from './lease-keeper.js';
import { Operator } from './operator.js';
import { LocalTable, type LocalTablePorts } from './local-table.js';
import { OwedRemovals } from './owed-removals.js';
import type { AccessPolicy, Action, Credentials, Identity } from './ports/access-policy.port.js';
import type { ConnectionDirectory } from './ports/connection-directory.port.js';
import type { Connection } from './ports/connection.port.js';
import type { LeaseStore, NodeFigures } from './ports/lease-store.port.js';
import type { DisconnectReason } from './ports/metrics.port.js';
import { closePaced } from './paced-close.js';
import { Restorer } from './restorer.js';
import { Subscriptions, type Subscribed, type SubscribeRequest } from './subscriptions.js';

export type { Subscribed, SubscribeRequest } from './subscriptions.js';

/** The safety net under all other signs that an envelope was lost on the way. */
const COMPARE_EVERY_MS = 30_000;
/** Much less than what an event is remembered for. */
const TOUCH_EVERY_MS = 30 * 60_000;

export interface HubPorts extends LocalTablePorts {
  readonly leases: LeaseStore;
  readonly access: AccessPolicy;
}

export interface HubOptions {
  /** Unique in the cluster. Only `[0-9A-Za-z_-]`, since gateways put it into identifiers. */
  readonly nodeId: string;
  /** Where the other nodes reach this one, as `http://host:port`. */
  readonly address: string;
  readonly version: string;
  readonly limits: Limits;
  /** How long this node counts as alive after its last heartbeat. */
  readonly leaseMs: number;
}

/** One node of the cluster, and its one door: gateways and bridges come in here and nowhere else. */
export class Hub {
  readonly nodeId: string;
  readonly limits: Limits;
  /** What operators see and do. */
  readonly operator: Operator;
  private readonly clients: Clients;
  private readonly table: LocalTable;
  private readonly subscriptions: Subscriptions;
  private readonly owed: OwedRemovals;
  private readonly keeper: LeaseKeeper;
  private state: 'open' | 'draining' | 'drained' = 'open';
  private readonly touched: Interval;
  private readonly compared: Interval;

  constructor(
    private readonly ports: HubPorts,
    options: HubOptions,
  ) {
    this.nodeId = options.nodeId;
    this.limits = options.limits;
    this.touched = new Interval(ports.clock, TOUCH_EVERY_MS);
    this.compared = new Interval(ports.clock, COMPARE_EVERY_MS);
    const lease = new Lease(options.nodeId);
    this.clients = new Clients(ports.clock, options.limits);
    this.owed = new OwedRemovals(ports.log);
    const restorer = new Restorer(ports.subscriptions, this.clients, lease);
    this.table = new LocalTable(ports, lease, this.owed, () => this.keeper.restore());
    this.subscriptions = new Subscriptions(ports, options.limits, lease, this.table);
    this.operator = new Operator(ports, (identity, action, eventguid) =>
      this.authorize(identity, action, eventguid),
    );
    this.keeper = new LeaseKeeper(ports, lease, options, {
      figures: () => this.figures(),
      restore: () => restorer.restore(),
      tidy: () => this.tidy(),
    });
  }

  /** Joins the cluster: once this resolves, the other nodes see this one. Rejects with `relay-unavailable`. */
  start(): Promise<void> {
    return this.keeper.start();
  }

  /**
   * Takes in no more connections and closes those there are with `draining`, spread over the time; what they ask meanwhile is
   * still done, and so are triggers. When the last is closed, their subscriptions have ended and the node has left the cluster.
   */
  async drain(overMs = 0): Promise<void> {
    this.state = 'draining';
    await closePaced(this.clients.all(), overMs, this.ports.clock, (client) => {
      client.outbox.flush();
      client.connection.close(CLOSE_REASONS.draining);
      this.disconnect(client.connectionId, 'draining');
    });
    const settled = await this.owed.settleAll();
    this.state = 'drained';
    // What could not be removed is left to the living, who sweep a lease that has run out, but not one that was given up.
    await this.keeper.stop(settled ? 'give-up' : 'let-run-out');
  }

  /** Tells who it is. Rejects with `unauthorized`. */
  authenticate(credentials: Credentials): Promise<Identity> {
    return this.ports.access.authenticate(credentials);
  }

  /** Takes in a connection. Throws `too-many-connections` or `draining`; the gateway then closes it. */
  connect(connection: Connection, identity: Identity): void {
    if (this.state !== 'open') throw new HubError('draining');
    this.clients.add(connection, identity);
    this.ports.metrics.connected(connection.gateway);
  }

  /** The connection is gone: its subscriptions end. Never throws; a second call does nothing. */
  disconnect(connectionId: string, reason: DisconnectReason = 'client'): void {
    const client = this.clients.find(connectionId);
    if (!client) return;
    this.clients.remove(client);
    this.table.leave(client);
    this.ports.metrics.disconnected(client.connection.gateway, reason);
  }

  /**
   * Subscribes the connection, or changes the cookie of its subscription. What comes after the answered position is delivered
   * from then on, never before this has resolved. Rejects, with nothing left behind, with a coded error.
   */
  async subscribe(connectionId: string, request: SubscribeRequest): Promise<Subscribed> {
    this.assertServing();
    const client = this.clients.get(connectionId);
    this.authorize(client.identity, 'subscribe', request.eventguid);
    this.assertCookie(request.cookie);
    return this.subscriptions.subscribe(client, request);
  }

  /** Resolves to whether there was a subscription. Nothing of it is delivered after this has resolved. */
  async unsubscribe(connectionId: string, eventguid: EventGuid): Promise<boolean> {
    return this.subscriptions.unsubscribe(this.clients.get(connectionId), eventguid);
  }

  /** Triggers the event: once this resolves, it is kept and on its way to every node that has subscribers. */
  async trigger(identity: Identity, trigger: Trigger): Promise<Published> {
    this.assertServing();
    this.authorize(identity, 'trigger', trigger.eventguid);
    this.assertData(trigger.data);
    const published = await this.ports.relay.publish(trigger);
    this.ports.metrics.triggered();
    // Nobody was reached, although this node follows: its link to the relay is broken without its knowing.
    if (published.nodes === 0) this.table.fanout.onDoubt([trigger.eventguid]);
    return published;
  }

  /** Every error that is answered passes here once: it is counted, and logged if it is our own fault. */
  failed(error: unknown): HubError {
    const hubError = HubError.from(error);
    this.ports.metrics.failed(hubError.code);
    if (hubError.code === 'internal') this.ports.log.error('internal error', { error });
    return hubError;
  }

  figures(): NodeFigures {
    let subscriptions = 0;
    let outboxBytes = 0;
    for (const client of this.clients.all()) {
      subscriptions += client.subscriptions.size;
      outboxBytes += client.outbox.waitingBytes;
    }
    return {
      connections: this.clients.size,
      subscriptions,
      events: this.table.fanout.size,
      outboxBytes,
    };
  }

  /** Makes the connections of a gateway known to operators. */
  addDirectory(directory: ConnectionDirectory): void {
    this.operator.addDirectory(directory);
  }

  private async tidy(): Promise<void> {
    this.owed.retry();
    const eventguids = [...this.table.fanout.eventguids];
    if (this.touched.isDue()) await this.ports.subscriptions.touch(eventguids);
    if (this.compared.isDue()) await this.table.fanout.compare(eventguids);
  }

  private authorize(identity: Identity, action: Action, eventguid?: EventGuid): void {
    if (!this.ports.access.allows(identity, action, eventguid)) throw new HubError('forbidden');
  }

  private assertServing(): void {
    if (this.state === 'drained') throw new HubError('draining');
  }

  private assertCookie(cookie: string): void {
    const most = this.limits.cookieBytes;
    if (cookie.length > most || utf8Bytes(cookie) > most) {
      throw new HubError('cookie-too-large', `The cookie is longer than ${most} bytes.`);
    }
    if (!isWellFormed(cookie)) throw new HubError('bad-request', 'The cookie holds lone surrogates.');
  }

  private assertData(data: Trigger['data']): void {
    const most = this.limits.dataBytes;
    if (data.length > most || (typeof data === 'string' && utf8Bytes(data) > most)) {
      throw new HubError('data-too-large', `The data is longer than ${most} bytes.`);
    }
  }
}
