import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TurnScheduler, type TurnTaker } from './turn-scheduler.js';

describe('TurnScheduler', () => {
  let nowMs = 0;

  beforeEach(() => {
    nowMs = 0;
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const schedulerOf = (stepsPerTurn: number) => new TurnScheduler(stepsPerTurn, () => nowMs);
  const turn = (): unknown => jest.advanceTimersToNextTimer();

  /** Works for so long in each turn, and always wants another one. */
  function worker(scheduler: TurnScheduler, name: string, workMs: number, turns: string[]): TurnTaker {
    const taker: TurnTaker = {
      takeTurn: () => {
        turns.push(name);
        nowMs += workMs;
        scheduler.add(taker);
      },
    };
    return taker;
  }

  it('is over when all steps of a turn are taken, and not in the next one', () => {
    const scheduler = schedulerOf(2);
    scheduler.spend();
    expect([scheduler.isOver, jest.getTimerCount()]).toEqual([false, 0]);
    scheduler.spend();
    expect(scheduler.isOver).toBe(true);
    turn();
    expect([scheduler.isOver, scheduler.turn, jest.getTimerCount()]).toEqual([false, 1, 0]);
  });

  it('gives each that waits one turn in a turn of the loop', () => {
    const scheduler = schedulerOf(2);
    const turns: string[] = [];
    for (const name of ['a', 'b', 'c']) scheduler.add(worker(scheduler, name, 1, turns));
    turn();
    expect(turns).toEqual(['a', 'b', 'c']);
    turn();
    expect(turns).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  it('gives turns for 5 ms in a turn of the loop, and goes on with who is next', () => {
    const scheduler = schedulerOf(2);
    const turns: string[] = [];
    for (const name of ['a', 'b', 'c']) scheduler.add(worker(scheduler, name, 2.5, turns));
    turn();
    expect(turns).toEqual(['a', 'b']);
    turn();
    expect(turns).toEqual(['a', 'b', 'c', 'a']);
  });

  it('gives one turn however long it takes', () => {
    const scheduler = schedulerOf(2);
    const turns: string[] = [];
    for (const name of ['a', 'b']) scheduler.add(worker(scheduler, name, 60, turns));
    turn();
    expect(turns).toEqual(['a']);
  });

  it('tells those who have their turn when its time is over', () => {
    const scheduler = schedulerOf(2);
    const seen: boolean[] = [];
    scheduler.add({
      takeTurn: () => {
        seen.push(scheduler.isOver);
        nowMs += 5;
        seen.push(scheduler.isOver);
      },
    });
    turn();
    expect(seen).toEqual([false, true]);
  });

  it('gives none to who does not wait any more', () => {
    const scheduler = schedulerOf(2);
    const turns: string[] = [];
    const taker = worker(scheduler, 'a', 1, turns);
    scheduler.add(taker);
    scheduler.remove(taker);
    turn();
    expect([turns, jest.getTimerCount()]).toEqual([[], 0]);
  });
});
