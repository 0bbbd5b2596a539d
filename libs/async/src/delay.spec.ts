import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { delay } from './delay.js';

const LONG_MS = 60_000;

describe('delay', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('resolves when the time is over, not before', async () => {
    let over = false;
    const waiting = delay(LONG_MS).then(() => (over = true));
    await jest.advanceTimersByTimeAsync(LONG_MS - 1);
    expect(over).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    await waiting;
    expect(over).toBe(true);
  });

  it('rejects with the reason when it is aborted, and leaves no timer', async () => {
    const controller = new AbortController();
    const waiting = delay(LONG_MS, controller.signal);
    const reason = new Error('closing');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('rejects at once if it has been aborted before', async () => {
    await expect(delay(LONG_MS, AbortSignal.abort(new Error('closed')))).rejects.toThrow('closed');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('leaves no listener on a signal that outlives it', async () => {
    const { signal } = new AbortController();
    const removed = jest.spyOn(signal, 'removeEventListener');
    const waiting = delay(1, signal);
    await jest.advanceTimersByTimeAsync(1);
    await waiting;
    expect(removed).toHaveBeenCalledTimes(1);
  });
});
