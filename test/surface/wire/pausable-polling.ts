import type { MessageQueue } from './message-queue.js';

/** Polls one after the other, until it is paused or a poll says that the connection is over. */
export class PausablePolling {
  private isPolling = false;
  private paused = false;

  /** `poll` resolves to whether the connection goes on. */
  constructor(
    private readonly queue: MessageQueue,
    private readonly poll: () => Promise<boolean>,
  ) {}

  /** The poll under way is the last one until `resume`. */
  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    if (!this.isPolling) this.run().catch((error: unknown) => this.queue.close(String(error)));
  }

  private async run(): Promise<void> {
    this.isPolling = true;
    try {
      while (!this.paused && (await this.poll()));
    } finally {
      this.isPolling = false;
    }
  }
}
