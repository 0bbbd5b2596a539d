import { delay } from '@ringback/async';
import type { RecordStore } from '@ringback/core';
import type { JournalId } from './journal-id.js';
import { hasRecord, OWNER_FIELD, placesAt } from './journal-records.js';
import type { RecordKeeper } from './record-keeper.js';
import { journalName, StreamJournal } from './stream-journal.js';
import type { Place } from './stream-id.js';

/** A record that its node has not written yet is waited for, as long as a node that lives needs for that. */
const TRIES = 5;
const RETRY_MS = 50;

/** The journals of the streams that this node has, and what those of all nodes say. */
export class StreamJournals {
  private readonly open = new Set<StreamJournal>();

  constructor(
    private readonly records: RecordStore,
    private readonly keeper: RecordKeeper,
    private readonly reportError: (error: unknown) => void,
  ) {}

  /** A new journal, which is kept for as long as the stream is open, and for a while after. `close` says that it is not any more. */
  create(): { readonly journal: StreamJournal; readonly close: () => void } {
    const { records, reportError, keeper } = this;
    const journal = new StreamJournal({ records, ttlMs: keeper.ttlMs, reportError });
    const letGo = keeper.keep({ name: journal.name });
    this.open.add(journal);
    const close = (): void => {
      letGo();
      journal
        .settled()
        .then(() => this.open.delete(journal))
        .catch(reportError);
    };
    return { journal, close };
  }

  /** The places that the id says to its owner; `undefined` where there is no such journal, it is another's, or it does not reach back. Rejects with `relay-unavailable`. */
  async placesOf(id: JournalId, owner: string): Promise<readonly Place[] | undefined> {
    for (let left = TRIES; ; left--) {
      const fields = await this.records.read(journalName(id.stream));
      if (fields?.get(OWNER_FIELD) !== owner) return undefined;
      if (hasRecord(fields, id) || left === 0) return placesAt(fields, id);
      await delay(RETRY_MS);
    }
  }

  /** Resolves when nothing that the streams have said waits to be written. */
  async settled(): Promise<void> {
    await Promise.all([...this.open].map((journal) => journal.settled()));
  }
}
