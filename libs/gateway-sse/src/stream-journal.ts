import { delay } from '@ringback/async';
import type { RecordStore } from '@ringback/core';
import { randomBytes } from 'node:crypto';
import { STREAM_NAME_BYTES } from './journal-id.js';
import { OWNER_FIELD, wholeText } from './journal-records.js';
import type { Place } from './stream-id.js';

/** One record in so many has all places, so that a reader need not go back further. */
const WHOLE_EVERY = 256;
/** A record in which an epoch is new has all places too, unless so few have come since the last such: Redis may have lost what was before. */
const RENEWED_WHOLE_EVERY = 64;
/** So many of these are kept, with what comes after the first: more deliveries than fit into what a client has not read yet. */
const KEPT_WHOLES = 4;
/** Records that wait for the store. Beyond that, the oldest goes: who comes back then begins somewhat earlier. */
const MAX_WAITING = 256;
const RETRY_MS = 100;
/** How long a record waits for others of its stream. What a node that is killed takes along grows with it, and is delivered twice. */
const GATHER_MS = 100;
/** The store takes longer than a restart: what waits is given up, to the same effect. */
const MAX_ATTEMPTS = 100;
/** Names of records that are to go. What is more stays until the journal ends. */
const MAX_DROPPED = 4_096;

/** Where the records go, and for how long they are kept. */
export interface JournalOptions {
  readonly records: RecordStore;
  readonly ttlMs: number;
  readonly reportError: (error: unknown) => void;
}

/**
 * What is written down of a stream whose places do not fit into its id: numbered records, none of which ever changes. They are written behind the
 * delivery path, in order, many at once where the store is slow.
 */
export class StreamJournal {
  readonly stream = randomBytes(STREAM_NAME_BYTES).toString('base64url');
  private owner = '';
  private record = 0;
  /** The last that has all places because an epoch was new. */
  private renewedWhole = -RENEWED_WHOLE_EVERY;
  /** The first that is kept. */
  private first = 0;
  private waiting = new Map<string, string>();
  private dropped: string[] = [];
  private gathering: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;

  constructor(private readonly options: JournalOptions) {}

  /** The name of its record in the store. */
  get name(): string {
    return journalName(this.stream);
  }

  /** Resolves once record 0 is kept, the places in which the stream begins. Rejects with `relay-unavailable`. */
  async begin(owner: string, places: readonly Place[]): Promise<void> {
    const { records, ttlMs } = this.options;
    this.owner = owner;
    const fields = this.withOwner([['0', wholeText(places)]]);
    await records.write(this.name, { fields, ttlMs });
  }

  /**
   * Writes down what has changed since the last record, `changed` or all `places`, and answers the number under which it will be found. `isRenewed` says that an event
   * has come to another epoch.
   */
  append(changed: string, places: readonly Place[], isRenewed = false): number {
    this.record += 1;
    const isInTurn = this.record % WHOLE_EVERY === 0;
    const isWhole = isInTurn || (isRenewed && this.record - this.renewedWhole >= RENEWED_WHOLE_EVERY);
    if (isWhole && isRenewed) this.renewedWhole = this.record;
    this.waiting.set(String(this.record), isWhole ? wholeText(places) : changed);
    if (isInTurn) this.dropOld();
    this.giveUpOldest();
    this.gathering ??= setTimeout(() => this.flush(), GATHER_MS).unref();
    return this.record;
  }

  /** Has written what waits, at once. Resolves when nothing waits any more: all is kept, or was given up. */
  async settled(): Promise<void> {
    if (this.gathering) this.flush();
    await this.writing;
  }

  private flush(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    if (this.waiting.size > 0) this.writing ??= this.write();
  }

  private async write(): Promise<void> {
    for (let attempt = 1; this.waiting.size > 0; attempt++) {
      if (await this.tryToWrite()) attempt = 0;
      else if (attempt >= MAX_ATTEMPTS) this.waiting.clear();
      else await delay(RETRY_MS);
    }
    this.writing = undefined;
  }

  private async tryToWrite(): Promise<boolean> {
    const { records, ttlMs, reportError } = this.options;
    const fields = this.waiting;
    const { dropped } = this;
    this.waiting = new Map();
    this.dropped = [];
    try {
      await records.write(this.name, { fields: this.withOwner(fields), dropped, ttlMs });
      return true;
    } catch (error) {
      reportError(error);
      this.waiting = new Map([...fields, ...this.waiting]);
      this.dropped = [...dropped, ...this.dropped].slice(-MAX_DROPPED);
      this.giveUpOldest();
      return false;
    }
  }

  /** In each write: what Redis has lost, it may lose at any time. */
  private withOwner(records: Iterable<readonly [string, string]>): ReadonlyMap<string, string> {
    return new Map([[OWNER_FIELD, this.owner], ...records]);
  }

  private dropOld(): void {
    const first = Math.max(0, this.record - WHOLE_EVERY * (KEPT_WHOLES - 1));
    for (; this.first < first; this.first++) this.dropped.push(String(this.first));
  }

  private giveUpOldest(): void {
    for (const oldest of this.waiting.keys()) {
      if (this.waiting.size <= MAX_WAITING) return;
      this.waiting.delete(oldest);
    }
  }
}

export function journalName(stream: string): string {
  return `event-stream/${stream}`;
}
