/** Time as a turn budget sees it. */
export interface TurnClock {
  /** Milliseconds, from whenever. */
  now(): number;
  /** Runs a task when the present turn of the event loop has handled its input. */
  nextTurn(task: () => void): void;
}

/** Much less than what anybody would notice, and enough that the next turn is worth its price. */
const BUDGET_MS = 10;

/** Items after which what they have set going takes its share of the turn, and is counted. */
const ITEMS_AT_ONCE = 32;

/** The turns of this process. */
const SYSTEM: TurnClock = {
  now: () => performance.now(),
  nextTurn: (task) => void setImmediate(task),
};

/** Work that is not through yet. `go` does a few items of it and answers whether it is through; it never throws. */
type Work = () => boolean;

/**
 * Bounds how long work that grows holds up the event loop. All that is done through one budget shares so many milliseconds of each turn; what is beyond
 * that waits for the next turn, in the order in which it came, and goes on as long as it takes.
 */
export class TurnBudget {
  private readonly waiting = new Set<Work>();
  private startedAt: number | undefined;
  private isGoing = false;

  constructor(
    private readonly clock: TurnClock = SYSTEM,
    private readonly budgetMs = BUDGET_MS,
  ) {}

  /** Whether some work is not through yet. */
  get isBusy(): boolean {
    return this.waiting.size > 0;
  }

  /**
   * Calls `work` for each item, in order: the first few before this returns, unless other work waits. Resolves when it is through; rejects with what `work`
   * throws, and then does no more of the items.
   */
  each<Item>(items: Iterable<Item>, work: (item: Item) => void): Promise<void> {
    const iterator = items[Symbol.iterator]();
    return new Promise((resolve, reject) => {
      this.add(() => {
        try {
          if (!this.goOn(iterator, work)) return false;
          resolve();
        } catch (error) {
          reject(error instanceof Error ? error : new Error('Work has failed.', { cause: error }));
        }
        return true;
      });
    });
  }

  /** Starts the task in a turn in which there is time left: at once, unless other work waits. Resolves or rejects as the task does. */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.add(() => {
        const started = async (): Promise<Result> => task();
        started().then(resolve, reject);
        return true;
      });
    });
  }

  private add(work: Work): void {
    if (!this.isBusy && this.hasTime() && work()) return;
    this.waiting.add(work);
    this.go();
  }

  /** Does a few of the items. Answers whether there are no more. */
  private goOn<Item>(iterator: Iterator<Item>, work: (item: Item) => void): boolean {
    for (let count = 0; count < ITEMS_AT_ONCE; count++) {
      const next = iterator.next();
      if (next.done) return true;
      work(next.value);
      if (!this.hasTime()) return false;
    }
    return false;
  }

  private hasTime(): boolean {
    if (this.startedAt === undefined) {
      this.startedAt = this.clock.now();
      this.clock.nextTurn(() => this.onTurn());
    }
    return this.clock.now() - this.startedAt < this.budgetMs;
  }

  private onTurn(): void {
    this.startedAt = undefined;
    if (this.isBusy) this.go();
  }

  /** Goes on until the time of this turn is used up. In between it lets promises settle: what they do counts as well. */
  private go(): void {
    if (this.isGoing) return;
    this.isGoing = true;
    queueMicrotask(() => {
      this.isGoing = false;
      const [work] = this.waiting;
      if (!work || !this.hasTime()) return;
      if (work()) this.waiting.delete(work);
      if (this.isBusy) this.go();
    });
  }
}
