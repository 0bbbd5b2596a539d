import type { Cluster, Redis } from 'ioredis';
import { closeConnection } from './close-connection.js';

/** Which master serves which slot, and how it is reached. */
export interface Topology {
  /** All masters that serve slots, by a name of their own. */
  masters(): ReadonlySet<string>;
  masterOf(slot: number): string | undefined;
  /** The master of all slots; absent where there may be several. */
  readonly onlyMaster?: string;
  /** The connection for commands to the master; `undefined` while there is none. */
  commands(master: string): Redis | undefined;
  /** The connection for commands to the master of the slot; `undefined` while there is none. */
  connectionOf(slot: number): Redis | undefined;
  openSubscriber(master: string): Redis;
  closeSubscriber(subscriber: Redis): Promise<void>;
  /** Asks the servers anew. */
  refresh(): Promise<void>;
  /** Calls the listener whenever a slot has changed its master. */
  onChange(listener: () => void): void;
}

const ONLY = 'only';

/** One server, which serves all slots; its connections belong to somebody else. */
export class OneServer implements Topology {
  readonly onlyMaster = ONLY;

  constructor(
    private readonly connection: Redis,
    private readonly subscriber: Redis,
  ) {}

  masters(): ReadonlySet<string> {
    return new Set([ONLY]);
  }

  masterOf(): string {
    return ONLY;
  }

  commands(): Redis {
    return this.connection;
  }

  connectionOf(): Redis {
    return this.connection;
  }

  openSubscriber(): Redis {
    return this.subscriber;
  }

  async closeSubscriber(): Promise<void> {}

  async refresh(): Promise<void> {}

  onChange(): void {}
}

/** The masters of a Redis Cluster, by host and port. */
export class ClusterTopology implements Topology {
  /** By slot. */
  private owners: readonly (string | undefined)[] = [];
  /** By master; found anew whenever a slot has moved. */
  private readonly connections = new Map<string, Redis>();
  private changed: () => void = () => {};

  constructor(
    private readonly cluster: Cluster,
    private readonly connect: (host: string, port: number) => Redis,
  ) {
    cluster.on('refresh', this.onRefresh);
  }

  masters(): ReadonlySet<string> {
    return new Set(this.owners.filter((owner) => owner !== undefined));
  }

  masterOf(slot: number): string | undefined {
    return this.owners[slot];
  }

  commands(master: string): Redis | undefined {
    return masterNode(this.cluster, master);
  }

  connectionOf(slot: number): Redis | undefined {
    const master = this.owners[slot];
    if (master === undefined) return undefined;
    const known = this.connections.get(master);
    if (known && known.status !== 'end') return known;
    const found = this.commands(master);
    if (found) this.connections.set(master, found);
    return found;
  }

  openSubscriber(master: string): Redis {
    const colon = master.lastIndexOf(':');
    return this.connect(master.slice(0, colon), Number(master.slice(colon + 1)));
  }

  closeSubscriber(subscriber: Redis): Promise<void> {
    return closeConnection(subscriber);
  }

  refresh(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.cluster.refreshSlotsCache((error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  onChange(listener: () => void): void {
    this.changed = listener;
  }

  private readonly onRefresh = (): void => {
    const owners = slotOwners(this.cluster);
    if (owners.every((owner, slot) => owner === this.owners[slot])) return;
    this.owners = owners;
    this.connections.clear();
    this.changed();
  };
}

/** The master of each slot, as the servers told it last. */
export function slotOwners(cluster: Cluster): readonly (string | undefined)[] {
  return Array.from(cluster.slots, (keys: readonly string[] | undefined) => keys?.[0]);
}

export function masterNode(cluster: Cluster, master: string): Redis | undefined {
  return cluster.nodes('master').find(({ options }) => `${options.host}:${options.port}` === master);
}
