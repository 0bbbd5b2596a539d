import { describe, expect, it } from '@jest/globals';
import { parseEventGuid, type EventGuid } from '@ringback/contract';
import { MemoryCluster } from '@ringback/memory';
import { LIST_CODECS } from './sse.codec.js';
import { JournalState } from './journal-state.js';
import { IdleRecords } from './idle-records.js';
import { RecordKeeper } from './record-keeper.js';
import { StreamJournals } from './stream-journals.js';
import { parseJournalId, type JournalId } from './journal-id.js';
import type { Place } from './stream-id.js';

const eventguids = Array.from({ length: 200 }, (_, index) => parseEventGuid(`event ${index}`));
const stream = { eventguids, format: 'plain', owner: 'owner' } as const;
const TIMES = { streamTtlMs: 60_000, preparedTtlMs: 60_000 };
const fail = (error: unknown): never => {
  throw error;
};

describe('JournalState', () => {
  const records = new MemoryCluster().node().records;
  const journals = new StreamJournals(
    records,
    new RecordKeeper(records, new IdleRecords(1e9), TIMES, fail),
    fail,
  );
  let expected: Place[];
  let state: JournalState;
  let close: () => void;

  async function begin(standsAfter = 0): Promise<void> {
    const created = journals.create(eventguids.length);
    ({ close } = created);
    state = new JournalState(created.journal, stream);
    expected = eventguids.map(() => ({ epoch: 'e', offset: 5, over: false }));
    await state.begin(expected.map((place) => ({ place, standsAfter })));
  }

  /** Delivers an event, and answers the id with which it went out. */
  function deliver(index: number, { epoch = 'e', oneShot = false, step = 1 } = {}): string {
    const place = expected[index] as Place;
    const position = { epoch, offset: place.offset + step };
    const eventguid = eventguids[index] as EventGuid;
    expected[index] = { ...position, over: oneShot };
    const frame = LIST_CODECS.plain.prepare({ eventguid, position, data: 'd', time: 0, oneShot }, false)('');
    const text = state.take([frame]);
    expect(text).toBe(`data: d\nid: ${state.id}\n\n`);
    expect(state.id).toMatch(/^3\.[0-9A-Za-z._-]{1,126}$/);
    return state.id;
  }

  async function placesOf(id: string): Promise<readonly Place[] | undefined> {
    await journals.settled();
    return journals.placesOf(parseJournalId(id) as JournalId, 'owner');
  }

  it('says where it begins', async () => {
    await begin();
    expect(await placesOf(state.id)).toEqual(expected);
    close();
  });

  it('says with every id where all events stand, whatever is delivered', async () => {
    await begin();
    const said: (readonly [id: string, places: readonly Place[]])[] = [];
    for (let count = 0; count < 600; count++) {
      const epoch = count > 300 && count % 7 === 0 ? 'f' : (expected[(count * 37) % 200]?.epoch ?? 'e');
      deliver((count * 37) % 200, { epoch, step: 1 + (count % 3) });
      said.push([state.id, [...expected]]);
    }
    for (const [id, places] of said) expect(await placesOf(id)).toEqual(places);
    close();
  });

  it('needs no record as long as few events move', async () => {
    await begin();
    for (let count = 0; count < 5_000; count++) deliver(count % 5);
    expect(parseJournalId(state.id)?.record).toBe(0);
    expect(await placesOf(state.id)).toEqual(expected);
    close();
  });

  it('is over with the last of its one-shots, and says which came before', async () => {
    await begin();
    for (const index of eventguids.keys()) {
      expect(state.isOver).toBe(false);
      deliver(index, { oneShot: true });
    }
    expect(state.isOver).toBe(true);
    expect((await placesOf(state.id))?.every(({ over }) => over)).toBe(true);
    close();
  });

  it('marks what has ended at no place of its own, and stays where it was', async () => {
    await begin();
    const eventguid = eventguids[3] as EventGuid;
    state.take([LIST_CODECS.plain.encodeEnded?.(eventguid) ?? '']);
    expected[3] = { ...(expected[3] as Place), over: true };
    expect(await placesOf(state.id)).toEqual(expected);
    close();
  });

  it('passes over a one-shot that ended an earlier subscription', async () => {
    await begin(6);
    deliver(0, { oneShot: true });
    expect((await placesOf(state.id))?.[0]).toMatchObject({ offset: 6, over: false });
    close();
  });

  it('keeps its places from other identities and lists', async () => {
    await begin();
    const id = parseJournalId(deliver(0)) as JournalId;
    expect(await journals.placesOf(id, 'other')).toBeUndefined();
    expect(await journals.placesOf({ ...id, stream: 'A'.repeat(16) }, 'owner')).toBeUndefined();
    close();
  });
});
