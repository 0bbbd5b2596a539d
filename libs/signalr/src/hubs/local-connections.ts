import type { HubConnection } from './hub-connection.js';
import type { SendTarget } from './send-target.js';

type Members = Map<string, Set<HubConnection>>;

const add = (members: Members, key: string, connection: HubConnection): void => {
  const set = members.get(key);
  if (set === undefined) members.set(key, new Set([connection]));
  else set.add(connection);
};

const remove = (members: Members, key: string, connection: HubConnection): void => {
  const set = members.get(key);
  set?.delete(connection);
  if (set?.size === 0) members.delete(key);
};

/** The connections of one hub on this node, by id, group and user. */
export class LocalConnections {
  private readonly byId = new Map<string, HubConnection>();
  private readonly byGroup: Members = new Map();
  private readonly byUser: Members = new Map();

  get size(): number {
    return this.byId.size;
  }

  get(connectionId: string): HubConnection | undefined {
    return this.byId.get(connectionId);
  }

  all(): IterableIterator<HubConnection> {
    return this.byId.values();
  }

  add(connection: HubConnection): void {
    this.byId.set(connection.connectionId, connection);
    if (connection.userId !== undefined) add(this.byUser, connection.userId, connection);
  }

  remove(connection: HubConnection): void {
    if (this.byId.get(connection.connectionId) !== connection) return;
    this.byId.delete(connection.connectionId);
    if (connection.userId !== undefined) remove(this.byUser, connection.userId, connection);
    for (const group of connection.groups) remove(this.byGroup, group, connection);
    connection.groups.clear();
  }

  /** False when the connection is not here. */
  setMember(connectionId: string, group: string, member: boolean): boolean {
    const connection = this.byId.get(connectionId);
    if (connection === undefined) return false;
    if (member) connection.groups.add(group);
    else connection.groups.delete(group);
    (member ? add : remove)(this.byGroup, group, connection);
    return true;
  }

  /** Those that a send is for, each once. */
  receivers(to: SendTarget): Iterable<HubConnection> {
    switch (to.kind) {
      case 'all':
        return without(this.byId.values(), to.except);
      case 'connections':
        return union(to.ids.map((id) => [this.byId.get(id)]));
      case 'groups':
        return without(union(to.names.map((name) => this.byGroup.get(name) ?? [])), to.except);
      case 'users':
        return union(to.ids.map((id) => this.byUser.get(id) ?? []));
      default:
        return []; // a kind that a newer node knows
    }
  }
}

// Always a copy: what is sent may end connections, and so change what is walked through.
const union = (sets: readonly Iterable<HubConnection | undefined>[]): Iterable<HubConnection> => {
  const all = new Set<HubConnection>();
  for (const set of sets) for (const connection of set) if (connection !== undefined) all.add(connection);
  return all;
};

const without = (connections: Iterable<HubConnection>, except: readonly string[]): HubConnection[] => {
  const excluded = new Set(except);
  return [...connections].filter(({ connectionId }) => !excluded.has(connectionId));
};
