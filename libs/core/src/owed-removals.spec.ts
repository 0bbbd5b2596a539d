import { beforeEach, describe, expect, it } from '@jest/globals';
import { TurnBudget, type TurnClock } from '@ringback/async';
import { RecordingLog } from '@ringback/memory';
import { OwedRemovals } from './owed-removals.js';

/** Turns that end when the test says so, in a time that passes with each look at it. */
class LookedAtTurns implements TurnClock {
  private time = 0;
  private readonly tasks: (() => void)[] = [];

  now(): number {
    this.time += 1;
    return this.time;
  }

  nextTurn(task: () => void): void {
    this.tasks.push(task);
  }

  async turn(): Promise<void> {
    for (const task of this.tasks.splice(0)) task();
    await settled();
  }
}

/** Promises have settled when a real turn is over. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

const COUNT = 300;
/** What fits into ten looks at the clock. */
const MOST_IN_ONE_TURN = 10;

describe('OwedRemovals', () => {
  let turns: LookedAtTurns;
  let log: RecordingLog;
  let owed: OwedRemovals;
  let begun: number[];

  beforeEach(() => {
    turns = new LookedAtTurns();
    log = new RecordingLog();
    owed = new OwedRemovals(log, new TurnBudget(turns));
    begun = [];
  });

  const removal = (index: number) => async (): Promise<void> => {
    begun.push(index);
  };

  const numbers = Array.from({ length: COUNT }, (_, index) => index);

  it('begin at once where there are few', () => {
    owed.settle('one', removal(1));
    owed.settle('two', removal(2));
    expect(begun).toEqual([1, 2]);
  });

  it('begin a bounded number in each turn, in order, where a whole node loses its subscriptions', async () => {
    for (const index of numbers) owed.settle(`${index}`, removal(index));
    const each = [begun.length];
    while (begun.length < COUNT) {
      const before = begun.length;
      await turns.turn();
      each.push(begun.length - before);
    }
    expect(Math.max(...each)).toBeLessThanOrEqual(MOST_IN_ONE_TURN);
    expect(begun).toEqual(numbers);
  });

  it('are waited for, those included that have not begun', async () => {
    for (const index of numbers) owed.settle(`${index}`, removal(index));
    const outcomes: [boolean, number][] = [];
    const all = owed.settleAll().then((isNothingOwed) => outcomes.push([isNothingOwed, begun.length]));
    while (outcomes.length === 0) await turns.turn();
    await all;
    expect(outcomes).toEqual([[true, COUNT]]);
  });

  it('are tried again when they fail, with a word in the log', async () => {
    let failures = 2;
    owed.settle('one', () => (failures-- > 0 ? Promise.reject(new Error('away')) : removal(1)()));
    await settled();
    const settledAll = owed.settleAll();
    await turns.turn();
    expect(await settledAll).toBe(false);
    await turns.turn();
    const again = owed.settleAll();
    await turns.turn();
    expect(await again).toBe(true);
    expect(begun).toEqual([1]);
    expect(log.at('warn').map(({ message }) => message)).toContain('store removal failed, will retry');
  });
});
