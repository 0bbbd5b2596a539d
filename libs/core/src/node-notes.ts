import { livingNodeIds } from './living-nodes.js';
import type { LeaseStore } from './ports/lease-store.port.js';
import type { Log } from './ports/log.port.js';
import type { PeerMessage, Peers } from './ports/peers.port.js';

type Note = PeerMessage & { readonly kind: 'note' };

/** Called with the node that says something, this one included. */
export type NoteListener = (from: string, body: string) => void;

export interface NodeNotesPorts {
  readonly peers: Pick<Peers, 'tell'>;
  readonly leases: Pick<LeaseStore, 'nodes'>;
  readonly log: Log;
}

/**
 * What parts of one name say to each other on the nodes of a cluster. Best effort: what is lost stays lost, so whoever tells something tells it again
 * now and then.
 */
export class NodeNotes {
  private readonly listeners = new Map<string, NoteListener>();

  constructor(
    private readonly ports: NodeNotesPorts,
    private readonly nodeId: string,
  ) {}

  /** Calls the listener from now on, until what this returns is called. One for each subject. */
  listen(subject: string, listener: NoteListener): () => void {
    this.listeners.set(subject, listener);
    return () => this.listeners.delete(subject);
  }

  /** Tells one node. Never throws; what cannot be sent is logged. */
  tell(nodeId: string, subject: string, body: string): void {
    const note: Note = { kind: 'note', subject, from: this.nodeId, body };
    if (nodeId === this.nodeId) return queueMicrotask(() => this.hear(note));
    this.ports.peers.tell(nodeId, note).catch((error: unknown) => this.warn(subject, error));
  }

  /** Tells every living node, this one included. Never throws. */
  tellAll(subject: string, body: string): void {
    livingNodeIds(this.ports.leases)
      .then((nodeIds) => {
        for (const nodeId of nodeIds.add(this.nodeId)) this.tell(nodeId, subject, body);
      })
      .catch((error: unknown) => this.warn(subject, error));
  }

  hear({ subject, from, body }: Note): void {
    this.listeners.get(subject)?.(from, body);
  }

  private warn(subject: string, error: unknown): void {
    this.ports.log.warn('peer message failed', { subject, error });
  }
}
