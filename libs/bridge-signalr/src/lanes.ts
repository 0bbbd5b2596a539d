/** Tasks of one lane run one after the other, those of different lanes at the same time. */
export class Lanes {
  private readonly tails = new Map<string, Promise<void>>();
  private waiting = 0;
  private waitingBytes = 0;

  /** Whether more tasks would wait than that, or what they hold on to would be more. */
  isFull(most: { readonly tasks: number; readonly bytes: number }): boolean {
    return this.waiting >= most.tasks || this.waitingBytes >= most.bytes;
  }

  /** Resolves as the task does, which holds on to about so many bytes until then. */
  async run(lane: string, bytes: number, task: () => Promise<void>): Promise<void> {
    this.waiting++;
    this.waitingBytes += bytes;
    const work = (this.tails.get(lane) ?? Promise.resolve()).then(task);
    const tail: Promise<void> = work.catch(() => undefined).then(() => this.leave(lane, tail, bytes));
    this.tails.set(lane, tail);
    await work;
  }

  private leave(lane: string, tail: Promise<void>, bytes: number): void {
    this.waiting--;
    this.waitingBytes -= bytes;
    if (this.tails.get(lane) === tail) this.tails.delete(lane);
  }
}
