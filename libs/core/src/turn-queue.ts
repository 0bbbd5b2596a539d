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

  /** Settles as `work` does, but not before all that waits in the lane has gone on. Without a lane it waits for `work` alone. */
  async wait<Result>(
    lane: string | undefined,
    work: Promise<Result> | undefined,
  ): Promise<Result | undefined> {
    if (lane === undefined) return work;
    const turn = after(this.tails.get(lane), work);
    this.tails.set(lane, turn);
    try {
      return await turn;
    } finally {
      if (this.tails.get(lane) === turn) this.tails.delete(lane);
    }
  }
}

/** Whatever became of what was before. */
async function after<Result>(
  before: Promise<unknown> | undefined,
  work: Promise<Result> | undefined,
): Promise<Result | undefined> {
  const [, outcome] = await Promise.allSettled([before, work]);
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}
