import { describe, expect, it } from '@jest/globals';
import { ClusterOfTwo } from './cluster-of-two.js';
import type { PortClusterFactory } from './port-cluster.js';
import { STRANGE_COOKIES } from './strange-texts.js';
import { waitFor } from './wait-for.js';

/** Longer than any test. */
const LONG_MS = 600_000;

const fieldsOf = (fields: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(fields));

/** What every adapter of the port `RecordStore` has to do. */
export function describeRecordStore(name: string, cluster: PortClusterFactory): void {
  describe(`${name} as a record store`, () => {
    const nodes = new ClusterOfTwo(cluster);
    describe('writing', () => describeWriting(nodes));
    describe('the end of a record', () => describeEnding(nodes));
  });
}

function describeWriting(nodes: ClusterOfTwo): void {
  it('shows every node what was written', async () => {
    await nodes.here.records.write('one', { fields: fieldsOf({ a: '1', b: '' }), ttlMs: LONG_MS });
    expect(await nodes.there.records.read('one')).toEqual(fieldsOf({ a: '1', b: '' }));
    expect(await nodes.there.records.read('other')).toBeUndefined();
  });

  it('adds, replaces and drops fields, and leaves the others', async () => {
    await nodes.here.records.write('one', { fields: fieldsOf({ a: '1', b: '2', c: '3' }), ttlMs: LONG_MS });
    const write = { fields: fieldsOf({ b: '4', d: '5' }), dropped: ['a', 'none'], ttlMs: LONG_MS };
    await nodes.there.records.write('one', write);
    expect(await nodes.here.records.read('one')).toEqual(fieldsOf({ b: '4', c: '3', d: '5' }));
  });

  it('has no record any more when its last field was dropped', async () => {
    await nodes.here.records.write('one', { fields: fieldsOf({ a: '1' }), ttlMs: LONG_MS });
    await nodes.here.records.write('one', { fields: new Map(), dropped: ['a'], ttlMs: LONG_MS });
    expect(await nodes.there.records.read('one')).toBeUndefined();
  });

  it('keeps many fields and long texts as they are', async () => {
    const fields = new Map(
      Array.from({ length: 5_000 }, (_, index) => [`field ${index}`, `${index} `.repeat(20)]),
    );
    fields.set('long', 'ü🔔'.repeat(50_000));
    await nodes.here.records.write('many', { fields, ttlMs: LONG_MS });
    expect(await nodes.there.records.read('many')).toEqual(fields);
  });

  it('tells strange names and texts apart', async () => {
    for (const text of STRANGE_COOKIES)
      await nodes.here.records.write(text, { fields: new Map([[text, text]]), ttlMs: LONG_MS });
    for (const text of STRANGE_COOKIES)
      expect(await nodes.there.records.read(text)).toEqual(new Map([[text, text]]));
  });
}

function describeEnding(nodes: ClusterOfTwo): void {
  const write = (name: string, ttlMs: number): Promise<void> =>
    nodes.here.records.write(name, { fields: fieldsOf({ a: '1' }), ttlMs });
  const isOver = async (name: string): Promise<boolean> =>
    (await nodes.there.records.read(name)) === undefined;

  it('comes when its time is over', async () => {
    await write('one', 30);
    await waitFor(() => isOver('one'), 'the end of the record');
  });

  it('counts from when it was written last', async () => {
    await write('longer', 1);
    await write('longer', LONG_MS);
    await write('shorter', LONG_MS);
    await write('shorter', 30);
    await waitFor(() => isOver('shorter'), 'the end of the shorter one');
    await write('fresh', LONG_MS);
    expect(await isOver('fresh')).toBe(false);
  });

  it('is put off for those that are touched, and no record is made of others', async () => {
    await write('touched', 2_000);
    await write('left', 30);
    expect(await nodes.there.records.touch(['touched', 'none'], LONG_MS)).toEqual(['none']);
    await waitFor(() => isOver('left'), 'the end of the one that was left');
    expect(await isOver('touched')).toBe(false);
    expect(await isOver('none')).toBe(true);
  });

  it('can be brought forward by touching it', async () => {
    await write('one', LONG_MS);
    await nodes.there.records.touch(['one'], 1);
    await waitFor(() => isOver('one'), 'the end of the record');
  });

  it('comes at once when it is removed, and a new one has nothing of it', async () => {
    await write('one', LONG_MS);
    await nodes.there.records.remove('one');
    await nodes.there.records.remove('none');
    expect(await isOver('one')).toBe(true);
    await nodes.here.records.write('one', { fields: fieldsOf({ b: '2' }), ttlMs: LONG_MS });
    expect(await nodes.there.records.read('one')).toEqual(fieldsOf({ b: '2' }));
  });

  it('comes with a restart that has kept nothing', async () => {
    await write('one', LONG_MS);
    await nodes.shared.restart({ keep: false });
    expect(await isOver('one')).toBe(true);
  });
}
