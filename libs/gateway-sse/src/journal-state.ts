import { LIST_CODECS, type StreamFormat } from './sse.codec.js';
import { changeText, journalPrefix, MAX_ID_CHARACTERS } from './journal-id.js';
import { changedText } from './journal-records.js';
import type { StreamJournal } from './stream-journal.js';
import type { Place } from './stream-id.js';
import { PlacesState, type Beginning } from './stream-state.js';

/** An id that is longer than this after it was shortened would have to be shortened again too soon. */
const MAX_SHORTENED_CHARACTERS = 100;

/** No index of an event. */
const NONE = -1;

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
  /** Of each event that has moved since the record: its offset then. */
  private readonly starts = new Map<number, number>();
  /** What the id says of them, without the one that has moved last. */
  private told = '';
  private last = NONE;
  private lastStep = 0;
  private lastText = '';
  private readonly owner: string;

  constructor(
    private readonly journal: StreamJournal,
    { eventguids, format, owner }: JournaledStream,
  ) {
    super(LIST_CODECS[format], eventguids);
    this.owner = owner;
  }

  get id(): string {
    return this.prefix + this.told + this.lastText;
  }

  async begin(beginnings: readonly Beginning[]): Promise<void> {
    this.enter(beginnings);
    await this.journal.begin(this.owner, this.places);
    this.prefix = journalPrefix(this.journal.stream, 0);
  }

  protected moved(index: number, from: Place, to: Place): void {
    if (from.epoch !== to.epoch || to.offset < from.offset) return this.renew(index, to);
    if (index === this.last) this.lastStep += to.offset - from.offset;
    else this.turnTo(index, from, to);
    this.lastText = changeText({ index, step: this.lastStep, over: to.over });
    const length = this.prefix.length + this.told.length + this.lastText.length;
    if (length > MAX_ID_CHARACTERS) this.shorten();
  }

  private turnTo(index: number, from: Place, to: Place): void {
    if (!this.starts.has(index)) this.starts.set(index, from.offset);
    this.told += this.lastText;
    this.last = index;
    this.lastStep = to.offset - from.offset;
  }

  /** Several changes of one event are told as one; where that makes too little room, they are written down. */
  private shorten(): void {
    let text = '';
    for (const [index, start] of this.starts) {
      const place = this.places[index];
      if (place) text += changeText({ index, step: place.offset - start, over: place.over });
    }
    if (this.prefix.length + text.length > MAX_SHORTENED_CHARACTERS) this.writeDown(changedText(text, []));
    else this.forgetLast(text);
  }

  /** No step leads from one epoch to another. */
  private renew(index: number, to: Place): void {
    this.writeDown(changedText(this.told + this.lastText, [[index, to]]), true);
  }

  private writeDown(record: string, isRenewed = false): void {
    const { journal, starts, places } = this;
    this.prefix = journalPrefix(journal.stream, journal.append(record, places, isRenewed));
    this.forgetLast('');
    starts.clear();
  }

  private forgetLast(told: string): void {
    this.told = told;
    this.last = NONE;
    this.lastText = '';
  }
}
