/** Groups of connections, on every node. They last as long as they have members. */
export interface HubGroups {
  /** Resolves once it is so; with false when no node has the connection. */
  add(connectionId: string, group: string): Promise<boolean>;
  remove(connectionId: string, group: string): Promise<boolean>;
}

/** What knows the members of groups. */
export interface Memberships {
  /** False when no node has the connection. */
  setMember(connectionId: string, group: string, member: boolean): Promise<boolean>;
}

/** The groups whose members `memberships` knows. */
export const hubGroups = (memberships: Memberships): HubGroups => ({
  add: (connectionId, group) => memberships.setMember(connectionId, group, true),
  remove: (connectionId, group) => memberships.setMember(connectionId, group, false),
});
