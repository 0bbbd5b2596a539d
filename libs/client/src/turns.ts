/** Runs the tasks of one event one after another, in the order of the calls; those of different events do not wait for each other. */
export class Turns {
  private readonly tails = new Map<string, Promise<unknown>>();

  /** Whether a task of the event runs or waits. */
  busy(eventguid: string): boolean {
    return this.tails.has(eventguid);
  }

  async run<T>(eventguid: string, task: () => Promise<T>): Promise<T> {
    const before = this.tails.get(eventguid);
    const turn = before ? before.then(task, task) : task();
    this.tails.set(eventguid, turn);
    try {
      return await turn;
    } finally {
      if (this.tails.get(eventguid) === turn) this.tails.delete(eventguid);
    }
  }
}
