/** Who may do some work in each turn of the event loop. */
export interface TurnTaker {
  /** Does what it may in one turn. */
  takeTurn(): void;
}

/**
 * For how long work may begin in one turn of the event loop, at once and for those that wait. A delivery takes several turns from the socket of who triggers
 * to that of who is subscribed, and each of them waits so long when there is much to do.
 */
const TURN_MS = 2;
/** What was begun may cost many times as much afterwards, as a trigger for many subscribers does: how long that should take until the next turn. */
const REST_OF_LOOP_MS = 4;
/** Where it takes longer, less begins in the next turn, down to this; and a little more again after each other one. */
const SHORTEST_TURN_MS = 0.25;
const SHORTER = 0.7;
const LONGER = 1.1;

/** How often in a round a client is served before those that wait, if it has no more to do after each time. */
const FRESH_TURNS = 4;

/**
 * Shares the event loop among all who work on what clients send. So many steps are taken at once in a turn, whoever takes them, for a bounded time; who comes
 * later waits and has a turn round robin, for as long in each turn of the loop: whatever else has arrived by then comes in between. The more of them wait, the
 * fewer steps has each. Who has not waited since the last round goes before those who have, a few times a round: a client that sends little does not notice
 * those that send much. Costs next to nothing while there is less to do than that.
 */
export class TurnScheduler {
  /** Who has not waited in the last round: served first. */
  private readonly fresh = new Set<TurnTaker>();
  /** Who has, and who was fresh and has had a turn in this round. */
  private readonly waiting = new Set<TurnTaker>();
  /** How often those among them were fresh in this round that have nothing to do now. */
  private readonly freshTurns = new Map<TurnTaker, number>();
  /** Whose turn it is, and whether it waits for another one. */
  private served: TurnTaker | undefined;
  private isServedAgain = false;
  private isScheduled = false;
  private spent = 0;
  private turns = 0;
  private stepsEach: number;
  private endsAt = 0;
  private isGivingTurns = false;
  private turnMs = TURN_MS;
  private scheduledAt = 0;

  constructor(
    /** Steps that are taken at once. */
    private readonly stepsPerTurn: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.stepsEach = stepsPerTurn;
  }

  /** Changes with each turn in which anybody took a step. */
  get turn(): number {
    return this.turns;
  }

  /** How many steps one may take in this turn. */
  get share(): number {
    return this.stepsEach;
  }

  /** Whether more than what is done has to wait for a later turn. */
  get isOver(): boolean {
    if (this.isGivingTurns) return this.now() >= this.endsAt;
    if (this.spent === 0) return false;
    return this.spent >= this.stepsPerTurn || this.now() >= this.endsAt;
  }

  /** Somebody takes a step. */
  spend(): void {
    this.spent += 1;
    if (this.spent > 1 || this.isGivingTurns) return;
    this.endsAt = this.now() + this.turnMs;
    this.schedule();
  }

  /** Its turn comes in this round or the next one: before those that have waited, if it has not. */
  add(taker: TurnTaker): void {
    if (taker === this.served) this.isServedAgain = true;
    else if (this.isFresh(taker)) this.fresh.add(taker);
    this.schedule();
  }

  remove(taker: TurnTaker): void {
    if (taker === this.served) this.isServedAgain = false;
    this.fresh.delete(taker);
    this.waiting.delete(taker);
    this.freshTurns.delete(taker);
  }

  private isFresh(taker: TurnTaker): boolean {
    return !this.waiting.has(taker) || (this.freshTurns.get(taker) ?? FRESH_TURNS) < FRESH_TURNS;
  }

  private get size(): number {
    return this.fresh.size + this.waiting.size;
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.scheduledAt = this.now();
    setImmediate(() => {
      this.isScheduled = false;
      this.turns += 1;
      this.adapt();
      if (this.size === 0) this.spent = 0;
      else this.giveTurns().catch(raise);
    });
  }

  private adapt(): void {
    const isLong = this.now() - this.scheduledAt > REST_OF_LOOP_MS;
    this.turnMs = isLong
      ? Math.max(SHORTEST_TURN_MS, this.turnMs * SHORTER)
      : Math.min(TURN_MS, this.turnMs * LONGER);
  }

  /** One each at most, and to the first of each kind always. */
  private async giveTurns(): Promise<void> {
    this.stepsEach = Math.max(1, Math.floor(this.stepsPerTurn / this.size));
    this.isGivingTurns = true;
    this.endsAt = this.now() + this.turnMs;
    const waiting = this.waiting.size;
    try {
      await this.serve(this.fresh, this.fresh.size, true);
      await this.serve(this.waiting, waiting, false);
    } finally {
      this.endTurn();
    }
  }

  private endTurn(): void {
    this.isGivingTurns = false;
    this.stepsEach = this.stepsPerTurn;
    this.spent = 0;
    if (this.size > 0) this.schedule();
  }

  private async serve(takers: Set<TurnTaker>, count: number, areFresh: boolean): Promise<void> {
    let left = count;
    if (left === 0) return;
    for (const taker of takers) {
      takers.delete(taker);
      this.serveOne(taker, areFresh);
      await stepDone(); // most of what a step takes is done after it
      if (--left === 0 || this.isOver) return;
    }
  }

  private serveOne(taker: TurnTaker, isFresh: boolean): void {
    const freshTurns = isFresh ? (this.freshTurns.get(taker) ?? 0) + 1 : 0;
    this.freshTurns.delete(taker);
    this.served = taker;
    this.isServedAgain = false;
    taker.takeTurn();
    this.served = undefined;
    if (isFresh && !this.isServedAgain) this.freshTurns.set(taker, freshTurns);
    if (isFresh || this.isServedAgain) this.waiting.add(taker); // its place at the end of the round
  }
}

/** Resolves when what a step has queued as ticks and microtasks is done: there are servers that hand messages over in a tick. */
function stepDone(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** As if it had been thrown where nobody awaits: who takes a turn must not throw. */
function raise(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
