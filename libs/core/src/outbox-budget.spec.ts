import { beforeEach, describe, expect, it } from '@jest/globals';
import { OutboxBudget, type BudgetedOutbox } from './outbox-budget.js';

class FakeOutbox implements BudgetedOutbox {
  isClosed = false;

  constructor(public bytes: number) {}

  get waitingBytes(): number {
    return this.isClosed ? 0 : this.bytes;
  }

  overrun(): void {
    this.isClosed = true;
  }
}

describe('OutboxBudget', () => {
  let resident: number;
  let evicted: number;
  let budget: OutboxBudget;

  beforeEach(() => {
    resident = Infinity;
    evicted = 0;
    budget = new OutboxBudget({
      limitBytes: 1_600,
      residentBytes: () => resident,
      onEvicted: () => evicted++,
    });
  });

  function waiting(...bytes: number[]): FakeOutbox[] {
    const outboxes = bytes.map((one) => new FakeOutbox(one));
    for (const outbox of outboxes) budget.add(outbox, 0);
    return outboxes;
  }

  const closed = (outboxes: readonly FakeOutbox[]): boolean[] => outboxes.map(({ isClosed }) => isClosed);

  it('closes nobody while all together are within it', () => {
    const outboxes = waiting(1_000, 500, 100);
    budget.check();
    expect(closed(outboxes)).toEqual([false, false, false]);
    expect(evicted).toBe(0);
  });

  it('closes the fullest first, and as few as it takes', () => {
    const outboxes = waiting(100, 900, 200, 800);
    budget.check();
    expect(closed(outboxes)).toEqual([false, true, false, false]);
    waiting(700);
    budget.check();
    expect(closed(outboxes)).toEqual([false, true, false, true]);
    expect(evicted).toBe(2);
  });

  it('is checked by itself once a sixteenth of it was handed over', () => {
    const outboxes = waiting(1_000, 1_000);
    budget.add(outboxes[0]!, 99);
    expect(evicted).toBe(0);
    budget.add(outboxes[0]!, 1);
    expect(evicted).toBe(1);
  });

  it('does not count what has been passed on since', () => {
    const outboxes = waiting(1_000, 1_000);
    outboxes[0]!.bytes = 0;
    budget.check();
    expect(closed(outboxes)).toEqual([false, false]);
  });

  it('closes nobody for frames that many share while all that is in memory is less', () => {
    resident = 1_600;
    const outboxes = waiting(1_000, 1_000, 1_000);
    budget.check();
    expect(evicted).toBe(0);
    resident = 1_601;
    budget.check();
    expect(closed(outboxes)).toEqual([true, false, false]);
  });
});
