import type { Cancel, Timers } from '../timers.js';

/** Notices that a client went silent. Starts with the client's first Ping, and stands still while messages are being dispatched. */
export class ClientTimeout {
  private heardMs = 0;
  /** By how many it is held. */
  private holders = 0;
  private cancel: Cancel | undefined;

  constructor(
    private readonly timers: Timers,
    private readonly timeoutMs: number,
    private readonly onTimeout: () => void,
  ) {}

  arm(): void {
    if (this.cancel === undefined) this.wait(this.timeoutMs);
  }

  heard(): void {
    this.heardMs = this.timers.nowMs();
  }

  pause(): void {
    this.holders += 1;
  }

  resume(): void {
    this.holders -= 1;
    this.heard();
  }

  stop(): void {
    this.cancel?.();
    this.cancel = () => {}; // an ended connection is not armed again
  }

  private wait(delayMs: number): void {
    this.cancel = this.timers.after(delayMs, () => this.check());
  }

  // One timer for each silence, not for each message: most find that something was heard in the meantime.
  private check(): void {
    if (this.holders > 0) return this.wait(this.timeoutMs);
    const leftMs = this.heardMs + this.timeoutMs - this.timers.nowMs();
    if (leftMs > 0) this.wait(leftMs);
    else this.onTimeout();
  }
}
