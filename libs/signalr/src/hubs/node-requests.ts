import type { NodeAnswer } from './backplane.js';
import { HubException, OperationCanceledException } from './hub-errors.js';
import type { Cancel, Timers } from '../timers.js';

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  cancel: Cancel;
}

/** How long to wait for another node. */
export interface NodePatience {
  /** For it to say that the connection is its own. */
  readonly acceptMs: number;
  /** For the answer, after that. */
  readonly answerMs: number;
}

/** What this node has asked others and has not been answered yet. */
export class NodeRequests {
  private readonly pending = new Map<string, Pending>();
  private lastId = 0;

  constructor(
    private readonly timers: Timers,
    private readonly patience: NodePatience,
  ) {}

  /** Asks by `publish`. Rejects with `unaccepted` when no node has the connection. */
  ask(publish: (requestId: string) => Promise<void>, unaccepted: Error): Promise<unknown> {
    this.lastId += 1;
    const requestId = String(this.lastId);
    return new Promise((resolve, reject) => {
      const cancel = this.timers.after(this.patience.acceptMs, () =>
        this.take(requestId)?.reject(unaccepted),
      );
      this.pending.set(requestId, { resolve, reject, cancel });
      publish(requestId).catch((error: unknown) => this.lost(requestId, error));
    });
  }

  /** Unknown ids are ignored. */
  answered(requestId: string, answer: NodeAnswer): void {
    switch (answer.kind) {
      case 'accepted':
        return this.accepted(requestId);
      case 'result':
        return this.take(requestId)?.resolve(answer.result);
      case 'error':
        return this.take(requestId)?.reject(new HubException(answer.error));
      case 'failure':
        return this.take(requestId)?.reject(new Error(answer.error));
    }
  }

  close(): void {
    const closed = new OperationCanceledException('The server is closing.');
    for (const id of this.pending.keys()) this.take(id)?.reject(closed);
  }

  private lost(requestId: string, error: unknown): void {
    this.take(requestId)?.reject(error instanceof Error ? error : new Error(String(error)));
  }

  private accepted(requestId: string): void {
    const pending = this.pending.get(requestId);
    if (pending === undefined) return;
    pending.cancel();
    const late = new OperationCanceledException('The other node did not answer in time.');
    pending.cancel = this.timers.after(this.patience.answerMs, () => this.take(requestId)?.reject(late));
  }

  private take(requestId: string): Pending | undefined {
    const pending = this.pending.get(requestId);
    pending?.cancel();
    this.pending.delete(requestId);
    return pending;
  }
}
