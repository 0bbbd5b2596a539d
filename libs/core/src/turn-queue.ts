/** Lets what waits for something go on in the order in which it came, lane by lane. Empty where nothing waits. */
export class TurnQueue {
  private readonly tails = new Map<string, Promise<unknown>>();

  get size(): number {
    return this.tails.size;
  }

  /** Whether anything waits in the lane. */
  has(lane: string | undefined): boolean {
    return lane !== undefined && this.tails.has(lane);
  }

  /**
   * Calls `next` with the result of `work` once all that came before it in the lane has called its own, and settles as that does. The lane is busy until
   * `next` has been called and no longer: what comes then may go on at once. Without a lane it waits for `work` alone.
   */
  async run<Outcome, Result>(
    lane: string | undefined,
    work: Promise<Outcome> | undefined,
    next: (outcome: Outcome | undefined) => Promise<Result>,
  ): Promise<Result> {
    if (lane === undefined) return next(await work);
    const before = this.tails.get(lane);
    const turn = this.waitForTurn(before, work, next, () => {
      if (this.tails.get(lane) === turn) this.tails.delete(lane);
    });
    this.tails.set(lane, turn);
    const { result } = await turn;
    return result;
  }

  /** The turn is over once `next` has been called; its promise is in an object, or it would be awaited as well. */
  private async waitForTurn<Outcome, Result>(
    before: Promise<unknown> | undefined,
    work: Promise<Outcome> | undefined,
    next: (outcome: Outcome | undefined) => Promise<Result>,
    onOver: () => void,
  ): Promise<{ readonly result: Promise<Result> }> {
    const [, outcome] = await Promise.allSettled([before, work]);
    try {
      if (outcome.status === 'rejected') throw outcome.reason;
      return { result: next(outcome.value) };
    } finally {
      onOver();
    }
  }
}
