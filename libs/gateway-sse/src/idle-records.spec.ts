import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { IdleRecords } from './idle-records.js';

describe('IdleRecords', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('have room for so many bytes at a time', () => {
    const idle = new IdleRecords(100);
    expect([
      idle.reserve('a', 60, 1_000),
      idle.reserve('b', 60, 1_000),
      idle.reserve('c', 40, 1_000),
    ]).toEqual([true, false, true]);
    jest.advanceTimersByTime(1_000);
    expect(idle.reserve('b', 100, 1_000)).toBe(true);
  });

  it('count each record once, for as long as it was reserved last', () => {
    const idle = new IdleRecords(100);
    idle.reserve('a', 60, 1_000);
    jest.advanceTimersByTime(900);
    expect(idle.reserve('a', 90, 1_000)).toBe(true);
    jest.advanceTimersByTime(900);
    expect(idle.reserve('b', 20, 1_000)).toBe(false);
    jest.advanceTimersByTime(100);
    expect(idle.reserve('b', 20, 1_000)).toBe(true);
    expect(jest.getTimerCount()).toBe(1);
  });

  it('do not count one that is open', () => {
    const idle = new IdleRecords(100);
    idle.reserve('a', 100, 1_000);
    idle.release('a');
    idle.release('a');
    expect(idle.reserve('b', 100, 1_000)).toBe(true);
    expect(idle.reserve('c', 1, 1_000)).toBe(false);
  });
});
