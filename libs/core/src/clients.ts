import { HubError, type Limits } from '@ringback/contract';
import { ConnectedClient, connectionIdOf, isNamedClient, type NamedClient } from './connected-client.js';
import type { NamedSession } from './named-session.js';
import { OutboxBudget } from './outbox-budget.js';
import { Flusher } from './flusher.js';
import { Outbox } from './outbox.js';
import type { Identity } from './ports/access-policy.port.js';
import type { Clock } from './ports/clock.port.js';
import type { Connection } from './ports/connection.port.js';

/** What the outboxes are bounded by together, beside their limit. */
interface ClientsOptions {
  readonly residentBytes?: (() => number) | undefined;
  readonly onEvicted: () => void;
}

/** The clients that are connected to this node. */
export class Clients {
  private readonly table = new Map<string, ConnectedClient>();
  /** The named ones; several under one name while one of them takes over. */
  private readonly byName = new Map<string, Set<ConnectedClient>>();
  private readonly flusher: Flusher;
  private readonly budget: OutboxBudget | undefined;

  constructor(
    clock: Clock,
    private readonly limits: Limits,
    { residentBytes = () => Infinity, onEvicted }: ClientsOptions,
  ) {
    const { nodeOutboxBytes: limitBytes } = limits;
    this.budget =
      limitBytes === undefined ? undefined : new OutboxBudget({ limitBytes, residentBytes, onEvicted });
    this.flusher = new Flusher(clock, this.budget);
  }

  get size(): number {
    return this.table.size;
  }

  /** Throws `too-many-connections` if the node is full. */
  add(connection: Connection, identity: Identity, session?: NamedSession): ConnectedClient {
    const most = this.limits.connectionsPerNode;
    if (this.table.size >= most) {
      throw new HubError('too-many-connections', `A node holds ${most} connections.`);
    }
    const outbox = new Outbox(connection, this.limits.outboxBytes, this.flusher);
    const client = new ConnectedClient(connection, identity, outbox, session);
    this.table.set(connection.connectionId, client);
    if (session) this.name(client);
    return client;
  }

  find(connectionId: string): ConnectedClient | undefined {
    return this.table.get(connectionId);
  }

  /** Throws `closed` if there is none: the connection has ended while its command was on the way. */
  get(connectionId: string): ConnectedClient {
    const client = this.table.get(connectionId);
    if (!client) throw new HubError('closed');
    return client;
  }

  /** Those that the store knows under the name of a subscriber. */
  of(subscriber: string): Iterable<ConnectedClient> {
    const connectionId = connectionIdOf(subscriber);
    if (connectionId === undefined) return this.byName.get(subscriber) ?? [];
    const client = this.table.get(connectionId);
    return client?.subscriber === subscriber ? [client] : [];
  }

  remove(client: ConnectedClient): void {
    client.connected = false;
    client.outbox.close();
    this.table.delete(client.connectionId);
    const namesakes = this.byName.get(client.subscriber);
    if (namesakes?.delete(client) && namesakes.size === 0) this.byName.delete(client.subscriber);
  }

  /** Runs the task once all that is pending for clients now has been handed over. */
  onceFlushed(task: () => void): void {
    this.flusher.after(task);
  }

  /** Closes the fullest if too much waits for all together. Replies are counted here too, which pass no outbox. */
  checkBudget(): void {
    for (const { outbox } of this.table.values()) if (outbox.waitingBytes > 0) this.budget?.add(outbox, 0);
    this.budget?.check();
  }

  /** The named clients of this moment. */
  named(): NamedClient[] {
    return this.all().filter(isNamedClient);
  }

  /** The clients of this moment. */
  all(): ConnectedClient[] {
    return [...this.table.values()];
  }

  private name(client: ConnectedClient): void {
    const namesakes = this.byName.get(client.subscriber);
    if (namesakes) namesakes.add(client);
    else this.byName.set(client.subscriber, new Set([client]));
  }
}
