/** A stream that a client sends, as the method reads it. Holds a few items; its connection waits while it is full. */
export class Upload implements AsyncIterableIterator<unknown> {
  private readonly items: unknown[] = [];
  private ended = false;
  private failure: Error | undefined;
  private readonly readers: (() => void)[] = [];
  private readonly writers: (() => void)[] = [];

  constructor(private readonly maxItems: number) {}

  /** Settles once there is room again; nothing is answered when there is. Items after the end are dropped. */
  push(item: unknown): Promise<void> | undefined {
    if (this.ended) return undefined;
    this.items.push(item);
    wakeAll(this.readers);
    if (this.items.length < this.maxItems) return undefined;
    return new Promise((resolve) => this.writers.push(resolve));
  }

  /** No more items come; those that came are still read, then the failure, if there is one. */
  end(failure?: Error): void {
    if (this.ended) return;
    this.ended = true;
    this.failure = failure;
    wakeAll(this.readers);
    wakeAll(this.writers);
  }

  /** The method is done with it. */
  drop(): void {
    this.end();
    this.items.length = 0;
    this.failure = undefined;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    while (this.items.length === 0) {
      if (this.ended) return this.finish();
      await new Promise<void>((resolve) => this.readers.push(resolve));
    }
    const value = this.items.shift();
    wakeAll(this.writers);
    return { value, done: false };
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.drop();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private finish(): IteratorResult<unknown, undefined> {
    const failure = this.failure;
    this.failure = undefined; // told once
    if (failure !== undefined) throw failure;
    return { value: undefined, done: true };
  }
}

const wakeAll = (waiting: (() => void)[]): void => {
  for (const wake of waiting.splice(0)) wake();
};
