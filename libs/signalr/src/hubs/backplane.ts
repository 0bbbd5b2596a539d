import type { Payload } from '../protocols/hub-protocol.js';
import type { SendTarget } from './send-target.js';

/** The answer to a question between nodes. `accepted` says that the connection is here and the rest follows. */
export type NodeAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'result'; readonly result: unknown }
  /** What the client says, for whoever asked; and what went wrong else, which clients are not told without detailed errors. */
  | { readonly kind: 'error' | 'failure'; readonly error: string };

interface Addressed {
  /** The hub's path, in lower case. */
  readonly hub: string;
  /** The node that says it. */
  readonly from: string;
}

/** For every node: send this to those of yours. Written already, by protocol name. */
export interface SendBetweenNodes extends Addressed {
  readonly type: 'send';
  readonly to: SendTarget;
  readonly payloads: readonly (readonly [protocol: string, payload: Payload])[];
}

/** For the node that has the connection: it is in that group from now on, or no longer. */
export interface MembershipBetweenNodes extends Addressed {
  readonly type: 'membership';
  readonly requestId: string;
  readonly connectionId: string;
  readonly group: string;
  readonly member: boolean;
}

/** For the node that has the connection: ask that client. */
export interface InvokeBetweenNodes extends Addressed {
  readonly type: 'invoke';
  readonly requestId: string;
  readonly connectionId: string;
  readonly target: string;
  readonly args: readonly unknown[];
}

/** For the node that asked. */
export interface AnswerBetweenNodes extends Addressed {
  readonly type: 'answer';
  readonly to: string;
  readonly requestId: string;
  readonly answer: NodeAnswer;
}

export type BackplaneMessage =
  SendBetweenNodes | MembershipBetweenNodes | InvokeBetweenNodes | AnswerBetweenNodes;

/**
 * Carries messages between the nodes of one application: each to every node, those of one node in order, at most once. Plain data with text,
 * bytes, and arguments as both hub protocols know them (MessagePack carries them all).
 */
export interface Backplane {
  /** No other node listens: nothing need be written for it, or waited for. */
  readonly alone: boolean;
  /** Rejects when the message is lost; the sender hears of it. */
  publish(message: BackplaneMessage): Promise<void>;
  /** Messages of this node may come back; they are ignored. Answers how to stop. */
  listen(listener: (message: BackplaneMessage) => void): () => void;
}

/** All nodes in one process. The default, with one node; with several, a double for specs. */
export class MemoryBackplane implements Backplane {
  private readonly listeners = new Set<(message: BackplaneMessage) => void>();

  get alone(): boolean {
    return this.listeners.size < 2;
  }

  async publish(message: BackplaneMessage): Promise<void> {
    for (const listener of this.listeners) listener(message);
  }

  listen(listener: (message: BackplaneMessage) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
