import { LIST_CODECS, type StreamFormat } from './sse.codec.js';
import { changeText, journalPrefix, MAX_ID_CHARACTERS } from './journal-id.js';
import type { StreamJournal } from './stream-journal.js';
import type { Place } from './stream-id.js';
import { PlacesState, type Beginning } from './stream-state.js';

/** Whose journal it is, and of which events in which format. */
export interface JournaledStream {
  readonly eventguids: readonly string[];
  readonly format: StreamFormat;
  /** What whoever comes back has to be. */
  readonly owner: string;
}

/**
 * Of a stream of more events than an id has room for: the id names a record of the stream's journal, and what has changed since. When that gets too long, it is a
 * record of its own, which the next ids name before it is kept.
 */
export class JournalState extends PlacesState {
  private prefix = '';
  /** Of each event that has moved since the record: where it was then, and what the id says of it. */
  private readonly changes = new Map<number, { readonly from: number; readonly text: string }>();
  private tail = '';

  constructor(
    private readonly journal: StreamJournal,
    { eventguids, format, owner }: JournaledStream,
  ) {
    super(LIST_CODECS[format], eventguids);
    this.owner = owner;
  }

  private readonly owner: string;

  get id(): string {
    return this.prefix + this.tail;
  }

  async begin(beginnings: readonly Beginning[]): Promise<void> {
    this.enter(beginnings);
    await this.journal.begin(this.owner, this.places);
    this.prefix = journalPrefix(this.journal.stream, 0);
  }

  protected moved(index: number, from: Place, to: Place): void {
    const before = this.changes.get(index);
    const start = before?.from ?? from.offset;
    const text = changeText({ index, step: to.offset - start, over: to.over });
    this.changes.set(index, { from: start, text });
    if (before) this.tail = Array.from(this.changes.values(), (change) => change.text).join('');
    else this.tail += text;
    const hasRoom = this.prefix.length + this.tail.length <= MAX_ID_CHARACTERS;
    if (!hasRoom || from.epoch !== to.epoch || to.offset < start) this.writeDown();
  }

  private writeDown(): void {
    const { journal, changes, places } = this;
    this.prefix = journalPrefix(journal.stream, journal.append([...changes.keys()], places));
    this.tail = '';
    changes.clear();
  }
}
