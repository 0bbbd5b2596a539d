/** Who may do some work in each turn of the event loop. */
export interface TurnTaker {
  /** Does what it may in one turn; answers whether there was anything to do. */
  takeTurn(): boolean;
}

/**
 * Gives turns round robin, one in each turn of the event loop: whatever else has arrived by then comes in between. Costs nothing while nobody waits for
 * one.
 */
export class TurnScheduler {
  private readonly waiting = new Set<TurnTaker>();
  private isScheduled = false;

  /** Its turn comes once those that wait already have had theirs. */
  add(taker: TurnTaker): void {
    this.waiting.add(taker);
    this.schedule();
  }

  remove(taker: TurnTaker): void {
    this.waiting.delete(taker);
  }

  private schedule(): void {
    if (this.isScheduled || this.waiting.size === 0) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.giveTurn();
      this.schedule();
    });
  }

  private giveTurn(): void {
    for (const taker of this.waiting) {
      this.waiting.delete(taker);
      if (taker.takeTurn()) return;
    }
  }
}
