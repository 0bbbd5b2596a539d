import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TurnScheduler, type TurnTaker } from './turn-scheduler.js';

/** The real one, by which the ticks and microtasks of a turn are over. */
const immediate = setImmediate;

describe('TurnScheduler', () => {
  let nowMs = 0;

  beforeEach(() => {
    nowMs = 0;
    jest.useFakeTimers({ doNotFake: ['nextTick'] });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const schedulerOf = (stepsPerTurn: number) => new TurnScheduler(stepsPerTurn, () => nowMs);
  /** One turn of the event loop, with all that is done in it. */
  const turn = async (): Promise<void> => {
    jest.advanceTimersToNextTimer();
    await new Promise((resolve) => immediate(resolve));
  };

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

  it('is over when all steps of a turn are taken, and not in the next one', async () => {
    const scheduler = schedulerOf(2);
    scheduler.spend();
    expect(scheduler.isOver).toBe(false);
    scheduler.spend();
    expect(scheduler.isOver).toBe(true);
    await turn();
    expect([scheduler.isOver, scheduler.turn, jest.getTimerCount()]).toEqual([false, 1, 0]);
  });

  it('is over when the time of a turn is, however few steps have been taken', async () => {
    const scheduler = schedulerOf(32);
    scheduler.spend();
    nowMs += 1.9;
    expect(scheduler.isOver).toBe(false);
    nowMs += 0.1;
    expect(scheduler.isOver).toBe(true);
    await turn();
    expect(scheduler.isOver).toBe(false);
  });

  it('gives each that waits one turn in a turn of the loop', async () => {
    const scheduler = schedulerOf(2);
    const turns: string[] = [];
    for (const name of ['a', 'b', 'c']) scheduler.add(worker(scheduler, name, 0.5, turns));
    await turn();
    expect(turns).toEqual(['a', 'b', 'c']);
    await turn();
    expect(turns).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  it('gives turns for 2 ms in a turn of the loop, and goes on with who is next', async () => {
    const scheduler = schedulerOf(2);
    const turns: string[] = [];
    for (const name of ['a', 'b', 'c']) scheduler.add(worker(scheduler, name, 1, turns));
    await turn();
    expect(turns).toEqual(['a', 'b']);
    await turn();
    expect(turns).toEqual(['a', 'b', 'c', 'a']);
  });

  it('begins less in a turn after what was begun has taken long, and 2 ms again once it has not', async () => {
    const scheduler = schedulerOf(2);
    const turns: string[] = [];
    const names = Array.from({ length: 20 }, (_, index) => `${index}`);
    for (const name of names) scheduler.add(worker(scheduler, name, 0.1, turns));
    const begun = async (restMs: number): Promise<number> => {
      turns.length = 0;
      nowMs += restMs;
      await turn();
      return turns.length;
    };
    expect(await begun(3.9)).toBe(20);
    for (let count = 0; count < 10; count += 1) await begun(10);
    expect(await begun(10)).toBe(3);
    for (let count = 0; count < 30; count += 1) await begun(1);
    expect(await begun(1)).toBe(20);
  });

  it('gives one turn however long it takes', async () => {
    const scheduler = schedulerOf(2);
    const turns: string[] = [];
    for (const name of ['a', 'b']) scheduler.add(worker(scheduler, name, 60, turns));
    await turn();
    expect(turns).toEqual(['a']);
  });

  it('tells those who have their turn when its time is over', async () => {
    const scheduler = schedulerOf(2);
    const seen: boolean[] = [];
    scheduler.add({
      takeTurn: () => {
        seen.push(scheduler.isOver);
        nowMs += 5;
        seen.push(scheduler.isOver);
      },
    });
    await turn();
    expect(seen).toEqual([false, true]);
  });

  it('gives none to who does not wait any more', async () => {
    const scheduler = schedulerOf(2);
    const turns: string[] = [];
    const taker = worker(scheduler, 'a', 1, turns);
    scheduler.add(taker);
    scheduler.remove(taker);
    await turn();
    expect([turns, jest.getTimerCount()]).toEqual([[], 0]);
  });

  it('serves who has not waited before those who have, four times a round', async () => {
    const scheduler = schedulerOf(2);
    const turns: string[] = [];
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const name of names) scheduler.add(worker(scheduler, name, 5, turns));
    for (let count = 0; count < names.length; count += 1) await turn();
    const seldom: TurnTaker = { takeTurn: () => turns.push('seldom') };
    turns.length = 0;
    for (let count = 0; count < 6; count += 1) {
      scheduler.add(seldom);
      await turn();
    }
    // The last two times it waits with the others, until the round is over.
    const others = turns.filter((name) => name !== 'seldom');
    expect(others.toSorted()).toEqual(names);
    const seldomOrNot = turns.map((name) => (name === 'seldom' ? name : '–'));
    expect(seldomOrNot.join(' ')).toBe('seldom – seldom – seldom – seldom – – –');
    await turn();
    expect(turns.slice(10)).toEqual(['seldom', others[0]]);
    scheduler.add(seldom);
    turns.length = 0;
    await turn();
    expect(turns[0]).toBe('seldom');
  });

  it('does not serve who has more to do before the others again', async () => {
    const scheduler = schedulerOf(2);
    const turns: string[] = [];
    for (const name of ['a', 'b']) scheduler.add(worker(scheduler, name, 5, turns));
    for (let count = 0; count < 2; count += 1) await turn();
    turns.length = 0;
    const busy = worker(scheduler, 'busy', 5, turns);
    for (let count = 0; count < 3; count += 1) {
      scheduler.add(busy);
      await turn();
    }
    expect([turns[0], turns.slice(1, 3).toSorted(), turns[3]]).toEqual(['busy', ['a', 'b'], 'busy']);
  });

  it('gives those that wait a turn however many come who have not', async () => {
    const scheduler = schedulerOf(2);
    const turns: string[] = [];
    scheduler.add(worker(scheduler, 'waits', 5, turns));
    await turn();
    for (let index = 0; index < 3; index += 1) scheduler.add(worker(scheduler, `comes ${index}`, 5, turns));
    await turn();
    expect(turns).toEqual(['waits', 'comes 0', 'waits']);
  });

  it.each([
    [1, 4],
    [2, 2],
    [3, 1],
    [5, 1],
  ])('gives %i that wait %i of 4 steps each', async (count, share) => {
    const scheduler = schedulerOf(4);
    const shares: number[] = [];
    for (let index = 0; index < count; index += 1)
      scheduler.add({ takeTurn: () => shares.push(scheduler.share) });
    await turn();
    expect(shares).toEqual(Array.from({ length: count }, () => share));
    expect(scheduler.share).toBe(4);
  });

  it('counts as part of a turn what its steps have left to ticks and promises', async () => {
    const scheduler = schedulerOf(2);
    const turns: string[] = [];
    const works = (name: string): TurnTaker => ({
      takeTurn: () => {
        turns.push(name);
        process.nextTick(() => void Promise.resolve().then(() => (nowMs += 5)));
      },
    });
    for (const name of ['a', 'b']) scheduler.add(works(name));
    await turn();
    expect(turns).toEqual(['a']);
    await turn();
    expect(turns.slice(0, 2)).toEqual(['a', 'b']);
  });
});
