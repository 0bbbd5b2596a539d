/** What one node says to another. */
export type PeerMessage =
  /** The session of this connection was taken over: close it. */
  | { readonly kind: 'replaced'; readonly connectionId: string }
  /** What became of an envelope on the node that says so. */
  | {
      readonly kind: 'receipt';
      readonly receiptId: string;
      readonly delivered: number;
      readonly queued: number;
      readonly dropped: number;
    }
  /** Something that parts of the same name say to each other, in words of their own. */
  | { readonly kind: 'note'; readonly subject: string; readonly from: string; readonly body: string };

/** Lets nodes speak to each other, one to one. Best effort: what a node does not hear at once is lost. */
export interface Peers {
  /** From when this resolves, what others tell this node reaches the listener. Called once. */
  hear(nodeId: string, listener: (message: PeerMessage) => void): Promise<void>;
  /** Resolves when the message is on its way, whether or not anybody hears; rejects with `relay-unavailable`. */
  tell(nodeId: string, message: PeerMessage): Promise<void>;
}
