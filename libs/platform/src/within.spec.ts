import { describe, expect, it } from '@jest/globals';
import { within } from './within.js';

const LONG_MS = 60_000;
const never = new Promise<void>(() => {});

describe('within', () => {
  const failures: unknown[] = [];
  const note = (error: unknown): number => failures.push(error);

  it('says that the work was done', async () => {
    expect(await within(LONG_MS, never, Promise.resolve(), note)).toBe(true);
  });

  it('ends at the limit, and at once when it is hastened', async () => {
    expect(await within(1, undefined, never, note)).toBe(false);
    expect(await within(LONG_MS, Promise.resolve(), never, note)).toBe(false);
  });

  it('takes a failure for done, and hands it over', async () => {
    const failure = new Error('away');
    expect(await within(LONG_MS, never, Promise.reject(failure), note)).toBe(true);
    expect(failures).toEqual([failure]);
  });
});
