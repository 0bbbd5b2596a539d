import { describe, expect, it } from '@jest/globals';
import { FakeClock } from './fake-clock.js';
import { MemoryRecordStore } from './memory-record-store.js';

describe('MemoryRecordStore', () => {
  it('forgets the records whose time is over, though nobody asks for them again', async () => {
    const clock = new FakeClock();
    const records = new MemoryRecordStore(clock);
    const fields = new Map([['field', 'text']]);
    await records.write('long', { fields, ttlMs: 60_000 });
    for (let index = 0; index < 1_000; index++) {
      await records.write(`short-${index}`, { fields, ttlMs: 1_500 });
      clock.advance(10);
    }
    expect(records.size).toBeLessThan(300);
    clock.advance(2_000);
    await records.write('last', { fields, ttlMs: 1 });
    expect(records.size).toBe(2);
    expect(await records.read('long')).toEqual(fields);
  });
});
