import { describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { SystemClock } from './system-clock.js';

describe('SystemClock', () => {
  it('tells the time of the system', () => {
    expect(Math.abs(new SystemClock().now() - Date.now())).toBeLessThan(1_000);
  });

  it('runs a task after its delay, and none that was cancelled', async () => {
    const clock = new SystemClock();
    const runs: string[] = [];
    clock.after(1, () => runs.push('cancelled'))();
    clock.after(2, () => runs.push('run'));
    await waitFor(() => runs.length > 0, 'the task');
    expect(runs).toEqual(['run']);
  });

  it('runs a task in the next turn, not in this one', async () => {
    const clock = new SystemClock();
    const runs: string[] = [];
    clock.nextTurn(() => runs.push('run'));
    await Promise.resolve();
    expect(runs).toEqual([]);
    await waitFor(() => runs.length > 0, 'the task');
  });
});
