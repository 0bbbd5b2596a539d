/** What is on its way, by name, so that what would undo it can wait for another time. */
export class InFlight {
  private readonly counts = new Map<string, number>();

  has(name: string): boolean {
    return this.counts.has(name);
  }

  async during<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const others = (this.counts.get(name) ?? 1) - 1;
      if (others === 0) this.counts.delete(name);
      else this.counts.set(name, others);
    }
  }
}
