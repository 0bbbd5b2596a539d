/** Work that has begun and that a stop waits for. */
export class DeliveriesUnderWay {
  private readonly running = new Set<Promise<unknown>>();

  async run<Result>(work: Promise<Result>): Promise<Result> {
    this.running.add(work);
    try {
      return await work;
    } finally {
      this.running.delete(work);
    }
  }

  /** Resolves when all of it has ended, however it has. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.running);
  }
}
