import type { Envelope } from '@ringback/contract';
import { PreparedEnvelope } from './prepared-envelope.js';

/** What one event keeps at most; the usual bounds of the history itself. */
const MOST_ENVELOPES = 1_000;
const MOST_BYTES = 1024 * 1024;
/** What an envelope weighs beside its data. */
const ENVELOPE_BYTES = 256;

/** How many bytes the recent envelopes of all events of a node may hold together. */
export class RecentBudget {
  private used = 0;

  constructor(private readonly mostBytes: number) {}

  get exhausted(): boolean {
    return this.used > this.mostBytes;
  }

  change(bytes: number): void {
    this.used += bytes;
  }
}

/**
 * The newest envelopes of an event that this node follows, without holes, so that who comes back is served without asking the
 * relay: ten thousand at once cost one read of the history, and each envelope is encoded once.
 */
export class RecentEnvelopes {
  private kept: PreparedEnvelope[] = [];
  private bytes = 0;
  private reading: Promise<void> | undefined;

  constructor(private readonly budget: RecentBudget) {}

  /** Takes the envelope that follows the newest one. */
  add(prepared: PreparedEnvelope): void {
    const newest = this.kept.at(-1);
    if (newest && prepared.offset !== newest.offset + 1) this.clear();
    this.kept.push(prepared);
    this.weigh(sizeOf(prepared));
    this.trim();
  }

  clear(): void {
    this.kept = [];
    this.reading = undefined; // what is being read may end before what follows begins
    this.weigh(-this.bytes);
  }

  /** What came after the offset, oldest first; `undefined` if that is kept neither here nor in the history that `read` gives. */
  async after(
    offset: number,
    read: () => Promise<readonly Envelope[]>,
  ): Promise<readonly PreparedEnvelope[] | undefined> {
    if (!this.reaches(offset)) await this.readOnce(read);
    return this.reaches(offset) ? this.kept.slice(this.indexAfter(offset)) : undefined;
  }

  private reaches(offset: number): boolean {
    const [oldest] = this.kept;
    return oldest !== undefined && oldest.offset <= offset + 1;
  }

  private indexAfter(offset: number): number {
    return Math.max(0, offset + 1 - (this.kept[0]?.offset ?? 0));
  }

  /** One read at a time serves all who wait for it. */
  private readOnce(read: () => Promise<readonly Envelope[]>): Promise<void> {
    this.reading ??= this.begin(read);
    return this.reading;
  }

  private begin(read: () => Promise<readonly Envelope[]>): Promise<void> {
    const isCurrent = (): boolean => this.reading === reading;
    const reading: Promise<void> = read()
      .then((history) => {
        if (isCurrent()) this.prepend(history);
      })
      .finally(() => {
        if (isCurrent()) this.reading = undefined;
      });
    return reading;
  }

  /** Puts what was read before what has come since, if nothing lies between. */
  private prepend(history: readonly Envelope[]): void {
    const [oldest] = this.kept;
    const older = oldest ? history.filter(({ position }) => position.offset < oldest.offset) : history;
    const newest = older.at(-1);
    if (!newest || (oldest && newest.position.offset !== oldest.offset - 1)) return;
    const prepared = older.map((envelope) => new PreparedEnvelope(envelope));
    this.kept = [...prepared, ...this.kept];
    this.weigh(prepared.reduce((bytes, one) => bytes + sizeOf(one), 0));
    this.trim();
  }

  private trim(): void {
    while (this.kept.length > MOST_ENVELOPES || this.bytes > MOST_BYTES || this.overBudget()) {
      const oldest = this.kept.shift();
      if (oldest) this.weigh(-sizeOf(oldest));
    }
  }

  private overBudget(): boolean {
    return this.budget.exhausted && this.kept.length > 0;
  }

  private weigh(bytes: number): void {
    this.bytes += bytes;
    this.budget.change(bytes);
  }
}

function sizeOf({ envelope: { data } }: PreparedEnvelope): number {
  return ENVELOPE_BYTES + 2 * data.length;
}
