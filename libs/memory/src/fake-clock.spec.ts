import { describe, expect, it } from '@jest/globals';
import { FakeClock } from './fake-clock.js';

describe('FakeClock', () => {
  it('stands still until it is advanced', () => {
    const clock = new FakeClock(1_000);
    expect(clock.now()).toBe(1_000);
    clock.advance(5);
    expect(clock.now()).toBe(1_005);
  });

  it('runs what falls due in order of time, at its own time, and the rest later', () => {
    const clock = new FakeClock(0);
    const runs: string[] = [];
    for (const delay of [30, 10, 20, 10]) clock.after(delay, () => runs.push(`${delay} at ${clock.now()}`));
    clock.advance(20);
    expect(runs).toEqual(['10 at 10', '10 at 10', '20 at 20']);
    clock.advance(10);
    expect(runs.at(-1)).toBe('30 at 30');
    clock.advance(1_000);
    expect(runs).toHaveLength(4);
  });

  it('runs what a task schedules within the time that passes', () => {
    const clock = new FakeClock(0);
    const beats: number[] = [];
    const beat = () => {
      beats.push(clock.now());
      clock.after(10, beat);
    };
    clock.after(10, beat);
    clock.advance(35);
    expect(beats).toEqual([10, 20, 30]);
  });

  it('does not run what was cancelled', () => {
    const clock = new FakeClock(0);
    const runs: string[] = [];
    const cancel = clock.after(10, () => runs.push('cancelled'));
    clock.after(5, cancel);
    clock.advance(20);
    expect(runs).toEqual([]);
  });

  it('ends a turn only when it is told to, and puts off what its tasks put off', () => {
    const clock = new FakeClock();
    const runs: string[] = [];
    clock.nextTurn(() => {
      runs.push('first');
      clock.nextTurn(() => runs.push('second'));
    });
    clock.advance(1_000);
    expect(runs).toEqual([]);
    clock.turn();
    expect(runs).toEqual(['first']);
    clock.turn();
    expect(runs).toEqual(['first', 'second']);
  });
});
