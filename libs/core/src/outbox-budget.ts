/** What the budget sees of an outbox. */
export interface BudgetedOutbox {
  /** Bytes that wait here and in the transport; 0 once closed. */
  readonly waitingBytes: number;
  /** Closes the connection, which reads more slowly than its events arrive: it reconnects and recovers. */
  overrun(): void;
}

/** What a node lets wait for all its connections together. */
export interface OutboxBudgetOptions {
  readonly limitBytes: number;
  /**
   * The most that may be in memory at all, as the process knows it. Frames that wait for many connections are counted for each of them, though some are
   * there once only: nobody is closed while all that is in memory is less than the budget.
   */
  readonly residentBytes: () => number;
  /** A connection was closed. */
  readonly onEvicted: () => void;
}

/** The sum is taken whenever so much of the budget was handed over since the last time: that far it may be exceeded. */
const CHECK_SHARE = 1 / 16;

/** Bounds the bytes that wait for all connections of a node together: beyond it the fullest are closed first. */
export class OutboxBudget {
  private readonly backlogged = new Set<BudgetedOutbox>();
  private uncheckedBytes = 0;

  constructor(private readonly options: OutboxBudgetOptions) {}

  /** The transport of the outbox has not passed on all that was handed over, so many bytes more of it. */
  add(outbox: BudgetedOutbox, bytes: number): void {
    this.backlogged.add(outbox);
    this.uncheckedBytes += bytes;
    if (this.uncheckedBytes >= this.options.limitBytes * CHECK_SHARE) this.check();
  }

  /** Closes as many as have to go. Costs a look at each outbox that had something waiting when it was added. */
  check(): void {
    this.uncheckedBytes = 0;
    const { limitBytes, residentBytes } = this.options;
    const bytes = this.sum();
    if (bytes > limitBytes) this.evict(Math.min(bytes, residentBytes()) - limitBytes);
  }

  private sum(): number {
    let bytes = 0;
    for (const outbox of this.backlogged) {
      const { waitingBytes } = outbox;
      if (waitingBytes === 0) this.backlogged.delete(outbox);
      bytes += waitingBytes;
    }
    return bytes;
  }

  private evict(excessBytes: number): void {
    if (excessBytes <= 0) return;
    const fullestFirst = Array.from(this.backlogged, (outbox) => ({ outbox, bytes: outbox.waitingBytes }));
    fullestFirst.sort((one, other) => other.bytes - one.bytes);
    let left = excessBytes;
    for (const { outbox, bytes } of fullestFirst) {
      if (left <= 0) return;
      left -= bytes;
      this.backlogged.delete(outbox);
      outbox.overrun();
      this.options.onEvicted();
    }
  }
}
