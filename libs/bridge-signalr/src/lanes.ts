/** Tasks of one lane run one after the other, those of different lanes at the same time. */
export class Lanes {
  private readonly tails = new Map<string, Promise<void>>();
  private waiting = 0;

  /** Tasks that are not done yet, in all lanes. */
  get size(): number {
    return this.waiting;
  }

  /** Resolves as the task does. */
  async run(lane: string, task: () => Promise<void>): Promise<void> {
    this.waiting++;
    const work = (this.tails.get(lane) ?? Promise.resolve()).then(task);
    const tail: Promise<void> = work.catch(() => undefined).then(() => this.leave(lane, tail));
    this.tails.set(lane, tail);
    await work;
  }

  private leave(lane: string, tail: Promise<void>): void {
    this.waiting--;
    if (this.tails.get(lane) === tail) this.tails.delete(lane);
  }
}
