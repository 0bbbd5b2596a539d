import type { PeerMessage, Peers } from '@ringback/core';

/** What the nodes of a `MemoryCluster` say to each other; the same for all of them. */
export class MemoryPeers implements Peers {
  private readonly listeners = new Map<string, (message: PeerMessage) => void>();

  async hear(nodeId: string, listener: (message: PeerMessage) => void): Promise<void> {
    this.listeners.set(nodeId, listener);
  }

  async tell(nodeId: string, message: PeerMessage): Promise<void> {
    // In a later turn, as between processes.
    setImmediate(() => this.listeners.get(nodeId)?.(message));
  }
}
