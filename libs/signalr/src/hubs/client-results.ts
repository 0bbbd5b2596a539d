import type { Completion, Invocation } from '../protocols/messages.js';
import { connectionGone, HubException, OperationCanceledException } from './hub-errors.js';
import type { Cancel, Timers } from '../timers.js';

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly cancel: Cancel;
}

/** What one client has been asked and has not answered yet. */
export class ClientResults {
  private readonly pending = new Map<string, Pending>();
  private lastId = 0;
  private closed = false;

  constructor(
    private readonly connectionId: string,
    private readonly timers: Timers,
    private readonly timeoutMs: number,
    private readonly maxPending: number,
  ) {}

  /** Asks by `send`; resolves with the client's result, rejects with its error. */
  ask(target: string, args: readonly unknown[], send: (invocation: Invocation) => void): Promise<unknown> {
    if (this.closed) return Promise.reject(connectionGone(this.connectionId));
    if (this.pending.size >= this.maxPending) {
      return Promise.reject(new Error(`Connection '${this.connectionId}' owes too many results.`));
    }
    this.lastId += 1;
    const invocationId = `s${this.lastId}`; // ids of clients are numbers, so these never collide with them
    return new Promise((resolve, reject) => {
      const cancel = this.timers.after(this.timeoutMs, () => this.giveUp(invocationId));
      this.pending.set(invocationId, { resolve, reject, cancel });
      this.sendOrFail({ type: 'invocation', invocationId, target, args }, send);
    });
  }

  has(invocationId: string): boolean {
    return this.pending.has(invocationId);
  }

  /** Unknown ids are ignored. */
  complete({ invocationId, error, result }: Completion): void {
    const pending = this.take(invocationId);
    if (error) pending?.reject(new HubException(error));
    else pending?.resolve(result);
  }

  close(): void {
    this.closed = true;
    for (const id of this.pending.keys()) this.take(id)?.reject(connectionGone(this.connectionId));
  }

  private sendOrFail(invocation: Invocation, send: (invocation: Invocation) => void): void {
    try {
      send(invocation);
    } catch (error) {
      const id = invocation.invocationId ?? '';
      this.take(id)?.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private giveUp(invocationId: string): void {
    this.take(invocationId)?.reject(new OperationCanceledException('The client did not answer in time.'));
  }

  private take(invocationId: string): Pending | undefined {
    const pending = this.pending.get(invocationId);
    pending?.cancel();
    this.pending.delete(invocationId);
    return pending;
  }
}
