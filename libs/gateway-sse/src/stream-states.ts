import type { Hub, RecordStore } from '@ringback/core';
import { parseJournalId } from './journal-id.js';
import { JournalState, type JournaledStream } from './journal-state.js';
import type { IdleRecords } from './idle-records.js';
import { RecordKeeper, type NeededRecord, type RecordTimes } from './record-keeper.js';
import { MAX_LISTED_EVENTS } from './stream-id.js';
import { StreamJournals } from './stream-journals.js';
import { makeState, type StreamState } from './stream-state.js';
import { ToldPlacesReader, type ReturnedStream, type ToldPlaces } from './told-places.js';

/** The state of a stream from its beginning until `close` is called. */
export interface OpenState {
  readonly state: StreamState;
  readonly close: () => void;
}

/** What streams of this node have to remember, and what those have said that come back to it. */
export class StreamStates {
  private readonly keeper: RecordKeeper;
  private readonly journals: StreamJournals;
  private readonly reader: ToldPlacesReader;

  constructor(
    hub: Pick<Hub, 'epochs' | 'failed'> & { readonly records: RecordStore },
    idle: IdleRecords,
    times: RecordTimes,
  ) {
    const reportError = (error: unknown): unknown => hub.failed(error);
    this.keeper = new RecordKeeper(hub.records, idle, times, reportError);
    this.journals = new StreamJournals(hub.records, this.keeper, reportError);
    this.reader = new ToldPlacesReader(hub, this.journals);
  }

  /** What a client that comes back has had. Rejects with `relay-unavailable`. */
  told(returned: ReturnedStream): Promise<ToldPlaces> {
    return this.reader.read(returned);
  }

  /** The state of a stream that begins. `record` is that which describes it, where there is one: it is kept as long. */
  open(stream: JournaledStream, record: NeededRecord | undefined): OpenState {
    const letGo = record && this.keeper.keep(record);
    const { state, close } = this.stateOf(stream);
    return {
      state,
      close: () => {
        letGo?.();
        close?.();
      },
    };
  }

  /** The client that came back with this id has another now. */
  supersede(lastEventId: string | undefined): void {
    const id = lastEventId === undefined ? undefined : parseJournalId(lastEventId);
    if (id) this.journals.supersede(id);
  }

  /** Resolves when nothing that the streams have said waits to be written. */
  settled(): Promise<void> {
    return this.journals.settled();
  }

  private stateOf(stream: JournaledStream): { readonly state: StreamState; readonly close?: () => void } {
    const { eventguids, format } = stream;
    if (eventguids.length <= MAX_LISTED_EVENTS) return { state: makeState(eventguids, format) };
    const { journal, close } = this.journals.create(eventguids.length);
    return { state: new JournalState(journal, stream), close };
  }
}
