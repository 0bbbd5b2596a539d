/** What operators see of a connection. */
export interface ConnectionSummary {
  readonly connectionId: string;
  readonly gateway: string;
  readonly nodeId: string;
}

/** The connections of one gateway on this node. */
export interface LocalConnections {
  readonly size: number;
  has(connectionId: string): boolean;
  /** Closes it with the reason `closed-by-operator`. Answers whether there was one. */
  remove(connectionId: string): boolean;
}

/** The connections of one gateway on all nodes. */
export interface ConnectionDirectory {
  /** `undefined` if no node of the cluster holds it. */
  find(connectionId: string): Promise<ConnectionSummary | undefined>;
  /** How many there are on all nodes. */
  count(): Promise<number>;
  /** Closes it, on whichever node, with the reason `closed-by-operator`. Resolves to whether there was one. */
  disconnect(connectionId: string): Promise<boolean>;
}
