import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RecordStore } from '@ringback/core';
import { IdleRecords } from './idle-records.js';
import { RecordKeeper } from './record-keeper.js';

describe('RecordKeeper', () => {
  const touch = jest.fn<RecordStore['touch']>();
  const write = jest.fn<RecordStore['write']>();
  const reportError = jest.fn();
  let keeper: RecordKeeper;

  beforeEach(() => {
    jest.useFakeTimers();
    touch.mockReset().mockResolvedValue([]);
    write.mockReset().mockResolvedValue();
    reportError.mockReset();
    keeper = new RecordKeeper(
      { touch, write } as unknown as RecordStore,
      new IdleRecords(100),
      { streamTtlMs: 3_000, preparedTtlMs: 500 },
      reportError,
    );
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('touches what is needed, at once, as long as it is, and a last time at the end', () => {
    const letGo = keeper.keep({ name: 'a', bytes: 60 });
    expect(touch.mock.calls).toEqual([[['a'], 3_000]]);
    jest.advanceTimersByTime(2_500);
    expect(touch).toHaveBeenCalledTimes(3);
    letGo();
    expect(touch).toHaveBeenCalledTimes(4);
    jest.advanceTimersByTime(60_000);
    expect(touch).toHaveBeenCalledTimes(4);
    jest.advanceTimersByTime(60_000);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('touches all together, each once, however many need it', () => {
    const letGo = [
      keeper.keep({ name: 'a', bytes: 60 }),
      keeper.keep({ name: 'a', bytes: 60 }),
      keeper.keep({ name: 'b', bytes: 60 }),
    ];
    letGo[0]?.();
    touch.mockClear();
    jest.advanceTimersByTime(1_000);
    expect(touch.mock.calls).toEqual([[['a', 'b'], 3_000]]);
    letGo[1]?.();
    letGo[2]?.();
    jest.advanceTimersByTime(60_000);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('leaves less time where too much is left behind already', () => {
    const letGo = [keeper.keep({ name: 'a', bytes: 60 }), keeper.keep({ name: 'b', bytes: 60 })];
    touch.mockClear();
    for (const one of letGo) one();
    expect(touch.mock.calls).toEqual([
      [['a'], 3_000],
      [['b'], 500],
    ]);
    jest.advanceTimersByTime(3_000);
    touch.mockClear();
    keeper.keep({ name: 'b', bytes: 60 })();
    expect(touch.mock.lastCall).toEqual([['b'], 3_000]);
  });

  it('reports that it could not', async () => {
    touch.mockRejectedValue(new Error('away'));
    const letGo = keeper.keep({ name: 'a', bytes: 60 });
    await jest.advanceTimersByTimeAsync(0);
    expect(reportError).toHaveBeenCalledWith(new Error('away'));
    letGo();
  });

  it('makes those again that are lost and can be made', async () => {
    const fields = new Map([['field', 'text']]);
    touch.mockImplementation(async (names) => names);
    const letGo = [keeper.keep({ name: 'a', bytes: 60, fields }), keeper.keep({ name: 'b', bytes: 60 })];
    await jest.advanceTimersByTimeAsync(1_000);
    const made = ['a', { fields, ttlMs: 3_000 }];
    expect(write.mock.calls).toEqual([made, made]);
    for (const end of letGo) end();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(write).toHaveBeenCalledTimes(3);
  });
});
