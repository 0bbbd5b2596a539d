/** What a cluster in memory may keep, and what it keeps. */
export interface MemoryUse {
  readonly events: number;
  /** Of histories and idempotency keys. */
  readonly bytes: number;
}

/** The most of both. */
export interface MemoryLimits {
  readonly events: number;
  readonly bytes: number;
}

/** Keys may take half of it, so that histories are never crowded out. */
const KEY_SHARE = 0.5;

/** Counts the bytes that the events of a cluster keep together. */
export class MemoryBudget {
  private historyBytes = 0;
  private keyBytes = 0;

  constructor(readonly limits: MemoryLimits = { events: Infinity, bytes: Infinity }) {}

  get bytes(): number {
    return this.historyBytes + this.keyBytes;
  }

  get exceeded(): boolean {
    return this.bytes > this.limits.bytes;
  }

  /** Whether no further key can be remembered. */
  get keysFull(): boolean {
    return this.keyBytes >= this.limits.bytes * KEY_SHARE;
  }

  addHistory(bytes: number): void {
    this.historyBytes += bytes;
  }

  addKeys(bytes: number): void {
    this.keyBytes += bytes;
  }

  clear(): void {
    this.historyBytes = 0;
    this.keyBytes = 0;
  }
}
