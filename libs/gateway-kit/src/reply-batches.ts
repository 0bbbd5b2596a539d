import type { Writable } from 'node:stream';

/** Whoever is replied to. */
interface Recipient {
  /** What replies are written to; absent where that is no socket of its own. */
  readonly carrier?: Pick<Writable, 'cork' | 'uncork'> | undefined;
}

/** Has the replies that a client gets at once go out in one write: a system call for each of them is much of what a short command costs. */
export class ReplyBatches {
  private readonly held = new Map<Recipient, Pick<Writable, 'cork' | 'uncork'>>();
  private isScheduled = false;

  /** What is written to the client waits until all promises have settled that can, or until `release`. */
  hold(recipient: Recipient): void {
    const carrier = this.held.has(recipient) ? undefined : recipient.carrier;
    if (!carrier) return;
    carrier.cork();
    this.held.set(recipient, carrier);
    this.schedule();
  }

  /** What comes now is too long to wait for others. */
  release(recipient: Recipient): void {
    if (this.held.size === 0) return;
    this.held.get(recipient)?.uncork();
    this.held.delete(recipient);
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    process.nextTick(() => {
      this.isScheduled = false;
      for (const carrier of this.held.values()) carrier.uncork();
      this.held.clear();
    });
  }
}
