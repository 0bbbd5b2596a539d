import { delay } from '@ringback/async';
import type { RecordStore } from '@ringback/core';
import type { JournalId } from './journal-id.js';
import { hasRecord, OWNER_FIELD, placesAt } from './journal-records.js';
import type { RecordKeeper } from './record-keeper.js';
import { journalName, StreamJournal } from './stream-journal.js';
import type { Place } from './stream-id.js';

/** A record that its node has not written yet is waited for in these steps: as long as a node that lives needs for that, also where Redis comes back just now. */
const WAITS_MS = [50, 100, 200, 400];
/** What an event takes in a journal, and what a journal takes beside them. */
const PLACE_BYTES = 64;
const JOURNAL_BYTES = 1_024;
/** A client may lose the stream that it came back for before it has read its first id: then it comes back with the same id again. */
const SUPERSEDED_TTL_PART = 5;

/** The journals of the streams that this node has, and what those of all nodes say. */
export class StreamJournals {
  private readonly open = new Set<StreamJournal>();

  constructor(
    private readonly records: RecordStore,
    private readonly keeper: RecordKeeper,
    private readonly reportError: (error: unknown) => void,
  ) {}

  /** A new journal, which is kept for as long as the stream is open, and for a while after. `close` says that it is not any more. */
  create(events: number): { readonly journal: StreamJournal; readonly close: () => void } {
    const { records, reportError, keeper } = this;
    const journal = new StreamJournal({ records, ttlMs: keeper.ttlMs, reportError });
    const letGo = keeper.keep({ name: journal.name, bytes: JOURNAL_BYTES + events * PLACE_BYTES });
    this.open.add(journal);
    const end = (): void => {
      this.open.delete(journal);
      letGo();
    };
    return { journal, close: () => void journal.settled().then(end, reportError) };
  }

  /** A stream goes on from this id: the journal that it names ends earlier than it would. */
  supersede({ stream }: JournalId): void {
    const { records, keeper, reportError } = this;
    records.touch([journalName(stream)], keeper.ttlMs / SUPERSEDED_TTL_PART).catch(reportError);
  }

  /** The places that the id says to its owner; `undefined` where there is no such journal, it is another's, or it does not reach back. Rejects with `relay-unavailable`. */
  async placesOf(id: JournalId, owner: string): Promise<readonly Place[] | undefined> {
    for (const waitMs of [...WAITS_MS, undefined]) {
      const fields = await this.records.read(journalName(id.stream));
      if (fields?.get(OWNER_FIELD) !== owner) return undefined;
      if (hasRecord(fields, id) || waitMs === undefined) return placesAt(fields, id);
      await delay(waitMs);
    }
    return undefined;
  }

  /** Resolves when nothing that the streams have said waits to be written. */
  async settled(): Promise<void> {
    await Promise.all([...this.open].map((journal) => journal.settled()));
  }
}
