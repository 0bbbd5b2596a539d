import { describe, expect, it, jest } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { HubError } from '@ringback/contract';
import type { RecordStore, RecordWrite } from '@ringback/core';
import { MemoryCluster } from '@ringback/memory';
import { parseJournalId, type JournalId } from './journal-id.js';
import { placesAt } from './journal-records.js';
import { StreamJournal } from './stream-journal.js';
import type { Place } from './stream-id.js';

/** A store that can be away, or slow. */
class Store implements RecordStore {
  readonly writes: RecordWrite[] = [];
  isAway = false;
  hold: Promise<void> | undefined;
  private readonly kept = new MemoryCluster().node().records;

  async write(name: string, write: RecordWrite): Promise<void> {
    await this.hold;
    if (this.isAway) throw new HubError('relay-unavailable');
    this.writes.push(write);
    await this.kept.write(name, write);
  }

  read(name: string) {
    return this.kept.read(name);
  }

  touch(names: readonly string[], ttlMs: number) {
    return this.kept.touch(names, ttlMs);
  }

  remove(name: string) {
    return this.kept.remove(name);
  }
}

const EVENTS = 3;

describe('StreamJournal', () => {
  const store = new Store();
  const reportError = jest.fn();
  const places: Place[] = [];
  let journal: StreamJournal;

  async function begin(): Promise<void> {
    store.writes.length = 0;
    store.isAway = false;
    reportError.mockClear();
    journal = new StreamJournal({ records: store, ttlMs: 60_000, reportError });
    places.splice(
      0,
      places.length,
      ...Array.from({ length: EVENTS }, () => ({ epoch: 'e', offset: 0, over: false })),
    );
    await journal.begin('owner', places);
  }

  /** Moves one event on, and writes it down. */
  function move(index: number): JournalId {
    const place = places[index] as Place;
    places[index] = { ...place, offset: place.offset + 1 };
    const record = journal.append(`.${index}`, places);
    return parseJournalId(`3.${journal.stream}.${record.toString(36)}`) as JournalId;
  }

  async function kept(id: JournalId): Promise<readonly Place[] | undefined> {
    return placesAt((await store.read(journal.name)) ?? new Map(), id);
  }

  it('keeps the places that it begins with, and whose they are', async () => {
    await begin();
    expect(await kept({ stream: journal.stream, record: 0, changes: [] })).toEqual(places);
    expect((await store.read(journal.name))?.get('of')).toBe('owner');
  });

  it('does not begin where nothing can be kept', async () => {
    await begin();
    store.isAway = true;
    await expect(journal.begin('owner', places)).rejects.toMatchObject({ code: 'relay-unavailable' });
  });

  it('keeps what is written down, many records at once where the store is slow', async () => {
    await begin();
    let release: () => void = () => undefined;
    store.hold = new Promise((resolve) => (release = resolve));
    const ids = Array.from({ length: 100 }, (_, count) => [move(count % EVENTS), [...places]] as const);
    release();
    store.hold = undefined;
    await journal.settled();
    expect(store.writes.length).toBeLessThan(5);
    for (const [id, then] of ids) expect(await kept(id)).toEqual(then);
  });

  it('goes on after others have been written with what they waited for', async () => {
    await begin();
    for (let round = 0; round < 3; round++) {
      let release: () => void = () => undefined;
      store.hold = new Promise((resolve) => (release = resolve));
      move(0);
      const settled = journal.settled();
      const id = move(1);
      release();
      await settled;
      store.hold = undefined;
      await waitFor(
        async () => (await store.read(journal.name))?.has(String(id.record)),
        'the second record',
      );
      await journal.settled();
    }
    const last = move(2);
    await waitFor(async () => (await store.read(journal.name))?.has(String(last.record)), 'the last record');
    expect(await kept(last)).toEqual(places);
  });

  it('goes on when the store is back, and says each time that it was away', async () => {
    await begin();
    store.isAway = true;
    const id = move(1);
    await waitFor(() => reportError.mock.calls.length > 1, 'two failures');
    expect(await kept(id)).toEqual([0, 0, 0].map((offset) => ({ epoch: 'e', offset, over: false })));
    store.isAway = false;
    await journal.settled();
    expect(await kept(id)).toEqual(places);
  });

  it('lets the oldest of very many go that wait, so that later ones say no later places', async () => {
    await begin();
    store.isAway = true;
    for (let count = 0; count < 2_000; count++) move(0);
    const last = move(1);
    store.isAway = false;
    await journal.settled();
    const fields = (await store.read(journal.name)) ?? new Map<string, string>();
    expect(fields.size).toBeLessThan(600);
    expect(await kept(last)).toEqual(places);
  });

  it('forgets what is older than what a client may still have to read', async () => {
    await begin();
    const first = move(0);
    let last = first;
    for (let count = 0; count < 5_000; count++) {
      last = move(count % EVENTS);
      await journal.settled();
    }
    const fields = (await store.read(journal.name)) ?? new Map<string, string>();
    expect(fields.size).toBeLessThan(1_100);
    expect(await kept(last)).toEqual(places);
    expect(await kept({ ...last, record: last.record - 700 })).toBeDefined();
    expect(await kept(first)).toBeUndefined();
  });

  it('is whole again once an epoch is new, where the store has lost it', async () => {
    await begin();
    move(0);
    await journal.settled();
    await store.remove(journal.name);
    const lost = move(1);
    await journal.settled();
    expect(await kept(lost)).toBeUndefined();
    places[2] = { epoch: 'f', offset: 1, over: false };
    const record = journal.append('2 1.f.1', places, true);
    const renewed = move(0);
    await journal.settled();
    expect(await kept(renewed)).toEqual(places);
    expect(await kept({ ...renewed, record })).toEqual(
      places.with(0, { epoch: 'e', offset: 1, over: false }),
    );
    expect((await store.read(journal.name))?.get('of')).toBe('owner');
  });

  it('is not whole with each of many epochs that are new together', async () => {
    await begin();
    for (let count = 0; count < 200; count++) journal.append('0 1.f.1', places, true);
    await journal.settled();
    const texts = store.writes.flatMap(({ fields }) => Array.from(fields.values()));
    expect(texts.filter((text) => text.startsWith('*'))).toHaveLength(1 + 4);
  });
});
