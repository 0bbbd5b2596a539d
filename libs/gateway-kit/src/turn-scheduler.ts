/** Who may do some work in each turn of the event loop. */
export interface TurnTaker {
  /** Does what it may in one turn. */
  takeTurn(): void;
}

/** For how long those that wait may work in one turn of the event loop. */
const TURN_MS = 5;

/**
 * Shares the event loop among all who work on what clients send. So many steps are taken at once in a turn, whoever takes them; who comes later waits
 * and has a turn round robin, for a bounded time in each turn of the loop: whatever else has arrived by then comes in between. Costs nothing while there
 * is less to do than that.
 */
export class TurnScheduler {
  private readonly waiting = new Set<TurnTaker>();
  private isScheduled = false;
  private spent = 0;
  private turns = 0;
  private endsAt: number | undefined;

  constructor(
    /** Steps that are taken at once. */
    private readonly stepsPerTurn: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Changes with each turn in which somebody had to wait, or all steps were used. */
  get turn(): number {
    return this.turns;
  }

  /** Whether more than what is done has to wait for a later turn. */
  get isOver(): boolean {
    return this.endsAt === undefined ? this.spent >= this.stepsPerTurn : this.now() >= this.endsAt;
  }

  /** Somebody takes a step. */
  spend(): void {
    this.spent += 1;
    if (this.spent >= this.stepsPerTurn) this.schedule();
  }

  /** Its turn comes once those that wait already have had theirs. */
  add(taker: TurnTaker): void {
    this.waiting.add(taker);
    this.schedule();
  }

  remove(taker: TurnTaker): void {
    this.waiting.delete(taker);
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.turns += 1;
      this.giveTurns();
      this.spent = 0;
      if (this.waiting.size > 0) this.schedule();
    });
  }

  /** One each at most, the first always. */
  private giveTurns(): void {
    let left = this.waiting.size;
    this.endsAt = this.now() + TURN_MS;
    for (const taker of this.waiting) {
      this.waiting.delete(taker);
      taker.takeTurn();
      if (--left === 0 || this.isOver) break;
    }
    this.endsAt = undefined;
  }
}
