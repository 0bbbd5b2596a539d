import { describe, expect, it } from '@jest/globals';
import { DEFAULT_LIMITS, parseEventGuid } from '@ringback/contract';
import { FakeClock, MemoryCluster } from '@ringback/memory';
import { waitFor } from '@ringback/conformance';
import { IdleRecords } from './idle-records.js';
import { PreparedStreams } from './prepared-streams.js';
import type { StreamDefinition } from './stream-request.js';

const alice = { name: 'alice' };
const bob = { name: 'bob' };

function definition(more: Partial<StreamDefinition> = {}): StreamDefinition {
  const cookies = new Map([[parseEventGuid('a'), 'cookie 🔔']]);
  return { cookies, format: 'envelope', presence: false, subscriberId: undefined, ...more };
}

function preparing({ preparedTtlMs = 60_000, maxPreparedBytes = 100_000 } = {}) {
  const clock = new FakeClock();
  const records = new MemoryCluster({ clock }).node().records;
  const limits = { ...DEFAULT_LIMITS, cookieBytes: 100 };
  const make = () =>
    new PreparedStreams(records, limits, new IdleRecords(maxPreparedBytes), { preparedTtlMs });
  return { clock, here: make(), there: make() };
}

describe('PreparedStreams', () => {
  it('are found by whoever has prepared them, on any node, as often as they ask', async () => {
    const { here, there } = preparing();
    const id = await here.prepare(definition(), alice);
    expect(id).toMatch(/^[\w-]{22}$/);
    for (let times = 0; times < 2; times++)
      expect(await there.find(id, alice)).toMatchObject({ definition: definition() });
  });

  it('are not found by anybody else, nor under another id', async () => {
    const { here } = preparing();
    const id = await here.prepare(definition(), alice);
    const notFound = { code: 'not-found' };
    await expect(here.find(id, bob)).rejects.toMatchObject(notFound);
    for (const other of ['', 'x', '../node', id.slice(1), `${id}x`, 'A'.repeat(22)])
      await expect(here.find(other, alice)).rejects.toMatchObject(notFound);
  });

  it('are forgotten if nobody opens them in time', async () => {
    const { clock, here } = preparing();
    const id = await here.prepare(definition(), alice);
    clock.advance(60_000);
    await expect(here.find(id, alice)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('are refused as opening them would be', async () => {
    const { here } = preparing();
    const cookies = new Map([[parseEventGuid('a'), 'x'.repeat(101)]]);
    await expect(here.prepare(definition({ cookies }), alice)).rejects.toMatchObject({
      code: 'cookie-too-large',
    });
    const bound = { name: 'alice', subscriberId: 'her own' };
    await expect(here.prepare(definition({ subscriberId: 'other' }), bound)).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(
      here.prepare(definition({ subscriberId: 'w', presence: true }), alice),
    ).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('are no more bytes at a time than a node may prepare', async () => {
    const { here, there } = preparing({ preparedTtlMs: 30, maxPreparedBytes: 1_300 });
    const full = { code: 'too-many-prepared-streams', temporary: true };
    await here.prepare(definition(), alice);
    await here.prepare(definition(), alice);
    await expect(here.prepare(definition(), bob)).rejects.toMatchObject(full);
    await there.prepare(definition(), alice);
    await waitFor(() => here.prepare(definition(), bob).then(Boolean, () => false), 'room for another');
  });

  it('count as they are kept: in UTF-8, and with what each of them costs', async () => {
    const { here } = preparing({ maxPreparedBytes: 1_300 });
    const full = { code: 'too-many-prepared-streams' };
    const cookies = new Map(['a', 'b', 'c', 'd'].map((name) => [parseEventGuid(name), '🔔'.repeat(25)]));
    await here.prepare(definition({ cookies }), alice);
    await expect(here.prepare(definition(), alice)).rejects.toMatchObject(full);
  });
});
