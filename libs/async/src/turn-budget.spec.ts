import { beforeEach, describe, expect, it } from '@jest/globals';
import { TurnBudget } from './turn-budget.js';

const BUDGET_MS = 10;

/** A clock that stands still but for what work costs, and counts turns. */
class TurnWitness {
  time = 0;
  /** How long each turn was. */
  readonly turns: number[] = [];
  private startedAt = 0;
  private tasks: (() => void)[] = [];

  now(): number {
    return this.time;
  }

  nextTurn(task: () => void): void {
    this.tasks.push(task);
  }

  /** Ends the turn, once all promises have settled, and runs what waits for the next one. Answers whether anything did. */
  async turn(): Promise<boolean> {
    await settled();
    this.turns.push(this.time - this.startedAt);
    this.startedAt = this.time;
    const tasks = this.tasks;
    this.tasks = [];
    for (const task of tasks) task();
    await settled();
    return tasks.length > 0;
  }
}

/** Promises have settled when a real turn is over. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('TurnBudget', () => {
  let clock: TurnWitness;
  let budget: TurnBudget;
  let done: number[];

  beforeEach(() => {
    clock = new TurnWitness();
    budget = new TurnBudget(clock, BUDGET_MS);
    done = [];
  });

  const work = (item: number): void => {
    clock.time += 1;
    done.push(item);
  };

  const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

  it('does at once what is little', async () => {
    const through = budget.each(numbers(5), work);
    expect(done).toEqual(numbers(5));
    expect(budget.isBusy).toBe(false);
    await through;
  });

  it('takes no more than its time of each turn, in order, until it is through', async () => {
    const through = budget.each(numbers(10_000), work);
    while (budget.isBusy) await clock.turn();
    await through;
    expect(done).toEqual(numbers(10_000));
    expect(clock.turns.length).toBeGreaterThanOrEqual(999);
    expect(Math.max(...clock.turns)).toBe(BUDGET_MS);
  });

  it('shares the time of a turn among all that is done through it, first come, first served', async () => {
    const first = budget.each(numbers(50), work);
    const others = numbers(100).map((item) => budget.each([1_000 + item], work));
    while (budget.isBusy) await clock.turn();
    await Promise.all([first, ...others]);
    expect(done).toEqual([...numbers(50), ...numbers(100).map((item) => 1_000 + item)]);
    expect(Math.max(...clock.turns)).toBe(BUDGET_MS);
  });

  it('counts what tasks do after they have awaited', async () => {
    const started = numbers(1_000).map((item) =>
      budget.run(async () => {
        await Promise.resolve();
        await Promise.resolve();
        work(item);
        return item;
      }),
    );
    while (budget.isBusy) await clock.turn();
    expect(await Promise.all(started)).toEqual(numbers(1_000));
    // Those that have started when the time is used up are finished.
    expect(Math.max(...clock.turns)).toBeLessThan(2 * BUDGET_MS);
  });

  it('makes progress in each turn, however long one item takes', async () => {
    const through = budget.each(numbers(5), (item) => {
      clock.time += 100;
      done.push(item);
    });
    while (budget.isBusy) await clock.turn();
    await through;
    expect(done).toEqual(numbers(5));
    expect(Math.max(...clock.turns)).toBe(100);
  });

  it('rejects with what fails, and goes on with the rest', async () => {
    const failing = budget.each(numbers(100), (item) => {
      work(item);
      if (item === 40) throw new Error('broken');
    });
    const refused = budget.run(() => Promise.reject(new Error('refused')));
    const after = budget.each([1_000], work);
    const outcomes = Promise.allSettled([failing, refused, after]);
    while (budget.isBusy) await clock.turn();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(done).toEqual([...numbers(41), 1_000]);
  });
});
