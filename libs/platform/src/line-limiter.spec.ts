import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LineLimiter } from './line-limiter.js';

describe('LineLimiter', () => {
  let reports: (readonly [level: string, message: string, suppressed: number])[];
  let limiter: LineLimiter<'warn' | 'error'>;

  beforeEach(() => {
    jest.useFakeTimers();
    reports = [];
    limiter = new LineLimiter((...report) => reports.push(report));
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  function admitted(count: number, level: 'warn' | 'error', message: string): number {
    return Array.from({ length: count }, () => limiter.admit(level, message)).filter(Boolean).length;
  }

  it('admits ten lines of a kind in ten seconds, and counts the others once the time is over', () => {
    expect(admitted(1_000, 'warn', 'failed')).toBe(10);
    jest.advanceTimersByTime(9_999);
    expect(reports).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(reports).toEqual([['warn', 'failed', 990]]);
  });

  it('tells kinds apart by level and message', () => {
    expect(admitted(20, 'warn', 'failed')).toBe(10);
    expect(admitted(20, 'error', 'failed')).toBe(10);
    expect(admitted(20, 'warn', 'other')).toBe(10);
  });

  it('begins anew with the next interval', () => {
    admitted(11, 'warn', 'failed');
    jest.advanceTimersByTime(10_000);
    expect(admitted(12, 'warn', 'failed')).toBe(10);
    jest.advanceTimersByTime(10_000);
    expect(reports).toEqual([
      ['warn', 'failed', 1],
      ['warn', 'failed', 2],
    ]);
  });

  it('says nothing of a kind that stayed within its bound', () => {
    admitted(10, 'warn', 'failed');
    jest.advanceTimersByTime(60_000);
    expect(reports).toEqual([]);
  });

  it('forgets the kinds of long ago when there are too many', () => {
    admitted(10, 'warn', 'first');
    for (let index = 0; index < 1_000; index++) limiter.admit('warn', `other ${index}`);
    expect(limiter.admit('warn', 'first')).toBe(true);
    expect(limiter.admit('warn', 'other 999')).toBe(true);
  });
});
