import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Deferred } from './deferred.js';
import { withTimeout } from './with-timeout.js';

const LIMIT_MS = 2_000;
const late = (): Error => new Error('late');

describe('withTimeout', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('resolves or rejects as work that is done in time, and leaves no timer', async () => {
    expect(await withTimeout(Promise.resolve('done'), LIMIT_MS, late)).toBe('done');
    await expect(withTimeout(Promise.reject(new Error('failed')), LIMIT_MS, late)).rejects.toThrow('failed');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('rejects with the given error when the time is over', async () => {
    const limited = withTimeout(new Promise<never>(() => {}), LIMIT_MS, late);
    const failure = limited.catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(LIMIT_MS);
    expect(await failure).toEqual(late());
  });

  it('drops a failure that comes too late', async () => {
    const work = new Deferred<string>();
    const limited = withTimeout(work.promise, LIMIT_MS, late);
    const failure = limited.catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(LIMIT_MS);
    expect(await failure).toEqual(late());
    work.reject(new Error('nobody waits'));
    await expect(work.promise).rejects.toThrow('nobody waits');
  });
});
