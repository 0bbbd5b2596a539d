import { TurnBudget, type TurnClock } from '@ringback/async';
import type { Limits } from '@ringback/contract';
import { Acknowledgements } from './acknowledgements.js';
import { Clients } from './clients.js';
import { Interval } from './interval.js';
import { Lease } from './lease.js';
import { LeaseKeeper } from './lease-keeper.js';
import { LocalTable, type LocalTablePorts } from './local-table.js';
import { OwedRemovals } from './owed-removals.js';
import type { AccessPolicy } from './ports/access-policy.port.js';
import type { Claims } from './ports/claims.port.js';
import type { ClusterKey } from './ports/cluster-key.port.js';
import type { LeaseStore, NodeFigures } from './ports/lease-store.port.js';
import type { Peers } from './ports/peers.port.js';
import type { RecordStore } from './ports/record-store.port.js';
import type { SessionStore } from './ports/session-store.port.js';
import { PresenceFeed } from './presence-feed.js';
import { Receipts } from './receipts.js';
import { Restorer } from './restorer.js';
import { Resuming } from './resuming.js';
import { Sessions } from './sessions.js';
import { SubscriptionFactory } from './subscription-factory.js';
import { Subscriptions } from './subscriptions.js';

/** The safety net under all other signs that an envelope was lost on the way. */
const COMPARE_EVERY_MS = 30_000;
/** Much less than what an event is remembered for. */
const TOUCH_EVERY_MS = 30 * 60_000;

export interface HubPorts extends LocalTablePorts {
  readonly leases: LeaseStore;
  readonly sessions: SessionStore;
  readonly peers: Peers;
  readonly claims: Claims;
  readonly clusterKey: ClusterKey;
  readonly records: RecordStore;
  readonly access: AccessPolicy;
  /** The turns of the event loop, for tests; absent: as they are. */
  readonly turns?: TurnClock;
}

export interface HubOptions {
  /** Unique in the cluster. Only `[0-9A-Za-z_-]`, since gateways put it into identifiers. */
  readonly nodeId: string;
  /** Where the other nodes reach this one, as `http://host:port`; empty where they need not. */
  readonly address: string;
  readonly version: string;
  readonly limits: Limits;
  /** How long this node counts as alive after its last heartbeat. */
  readonly leaseMs: number;
  /** The most that may be in the memory of the process at all, in bytes. Default: not known. */
  readonly residentBytes?: () => number;
}

/** What a node is made of, put together; and what it does by itself now and then. */
export class HubParts {
  /** For all that grows with what the node holds. */
  readonly turns: TurnBudget;
  readonly clients: Clients;
  readonly table: LocalTable;
  readonly owed: OwedRemovals;
  readonly subscriptions: Subscriptions;
  readonly sessions: Sessions;
  readonly receipts: Receipts;
  readonly presence: PresenceFeed;
  readonly keeper: LeaseKeeper;
  private readonly touched: Interval;
  private readonly compared: Interval;

  constructor(
    private readonly ports: HubPorts,
    options: HubOptions,
  ) {
    const { nodeId, limits } = options;
    const lease = new Lease(nodeId);
    this.touched = new Interval(ports.clock, TOUCH_EVERY_MS);
    this.compared = new Interval(ports.clock, COMPARE_EVERY_MS);
    const onEvicted = (): void => ports.metrics.evicted();
    this.clients = new Clients(ports.clock, limits, { residentBytes: options.residentBytes, onEvicted });
    this.turns = new TurnBudget(ports.turns);
    this.owed = new OwedRemovals(ports.log, this.turns);
    this.receipts = new Receipts(ports, nodeId);
    this.presence = new PresenceFeed(ports, limits.presenceMembers);
    this.table = this.buildTable(lease);
    const { clients, owed, table } = this;
    const acknowledgements = new Acknowledgements(ports, (client) => this.sessions.reclaim(client));
    const factory = new SubscriptionFactory(ports, lease, (subscription) => table.end(subscription));
    const resuming = new Resuming(ports, lease, table, factory, acknowledgements);
    this.sessions = new Sessions(ports, {
      nodeId,
      clients,
      lease,
      table,
      owed,
      turns: this.turns,
      resuming,
      acknowledgements,
    });
    const restore = (): void => this.keeper.restore();
    this.subscriptions = new Subscriptions(ports, limits, lease, table, factory, resuming, restore);
    this.keeper = this.buildKeeper(lease, options);
  }

  figures(): NodeFigures {
    let subscriptions = 0;
    let outboxBytes = 0;
    for (const client of this.clients.all()) {
      subscriptions += client.subscriptions.size;
      outboxBytes += client.outbox.waitingBytes;
    }
    return { connections: this.clients.size, subscriptions, events: this.table.fanout.size, outboxBytes };
  }

  private buildTable(lease: Lease): LocalTable {
    return new LocalTable(this.ports, lease, this.owed, this.turns, {
      holdersOf: (subscriber) => this.clients.of(subscriber),
      onFailover: () => this.keeper.restore(),
      onNamedEnded: (subscription, reached) => this.sessions.ended(subscription, reached),
      onTallied: (request, tally) => this.clients.onceFlushed(() => this.receipts.report(request, tally)),
      onTraced: (span) => this.clients.onceFlushed(() => span.end()),
      onPresence: (event, change) => this.presence.tell(event, change),
      onPresenceDoubt: (event) => this.presence.refresh(event),
    });
  }

  private buildKeeper(lease: Lease, options: HubOptions): LeaseKeeper {
    const restorer = new Restorer(this.ports.subscriptions, this.clients, lease);
    return new LeaseKeeper(this.ports, lease, options, {
      figures: () => this.figures(),
      restore: async () => {
        await this.sessions.restore();
        await restorer.restore();
      },
      tidy: () => this.tidy(),
    });
  }

  private async tidy(): Promise<void> {
    this.owed.retry();
    this.clients.checkBudget();
    const eventguids = [...this.table.fanout.eventguids];
    if (this.touched.isDue()) await this.ports.subscriptions.touch(eventguids);
    if (!this.compared.isDue()) return;
    await this.table.fanout.compare(eventguids);
    await this.sessions.tidy();
  }
}
