/** One invocation's place among those that run. */
export interface Slot {
  /** The invocation waits for its client: another one may run meanwhile. */
  free(): void;
  /** The invocation is over. */
  end(): void;
}

/** How many invocations of one client run at a time. Freed slots count no more, yet the number of running ones stays bounded. */
export class InvocationSlots {
  private taken = 0;
  private running = 0;
  private wake: () => void = () => {};

  constructor(
    private readonly limit: number,
    private readonly maxRunning: number,
  ) {}

  /** Settles once there is room; nothing is answered when there is. One caller at a time. */
  room(): Promise<void> | undefined {
    if (this.hasRoom()) return undefined;
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  take(): Slot {
    this.taken += 1;
    this.running += 1;
    const free = once(() => this.leave(1, 0));
    const end = once(() => this.leave(0, 1));
    return {
      free,
      end: () => {
        free();
        end();
      },
    };
  }

  private hasRoom(): boolean {
    return this.taken < this.limit && this.running < this.maxRunning;
  }

  private leave(taken: number, running: number): void {
    this.taken -= taken;
    this.running -= running;
    if (this.hasRoom()) this.wake();
  }
}

const once = (run: () => void): (() => void) => {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
};
