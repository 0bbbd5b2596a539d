import type { TurnBudget } from '@ringback/async';
import type { Log } from './ports/log.port.js';

type Removal = () => Promise<void>;

interface Due {
  readonly name: string;
  readonly removal: Removal;
}

/** Removals from the store that failed and are tried again, until they succeed or the node's lease runs out. */
export class OwedRemovals {
  private readonly owed = new Map<string, Removal>();
  /** What has not begun yet: one envelope may end the subscriptions of a whole node, and costs little more than a place here for each. */
  private readonly due = new Set<Due>();
  private isBeginning = false;
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly log: Log,
    private readonly turns: TurnBudget,
  ) {}

  /** Removes now, or, while many leave, when their turn has come; does not make the caller wait. A failure is logged once and tried again with the next `retry`. */
  settle(name: string, removal: Removal): void {
    this.due.add({ name, removal });
    if (this.isBeginning) return;
    this.isBeginning = true;
    this.track(this.turns.each(this.takeDue(), (due) => this.begin(due)));
  }

  /** Tries all that is owed once more. Resolves, when none is under way, to whether nothing is owed any longer. */
  async settleAll(): Promise<boolean> {
    await this.idle();
    this.retry();
    await this.idle();
    return this.owed.size === 0;
  }

  retry(): void {
    const owed = [...this.owed];
    this.owed.clear();
    for (const [name, removal] of owed) this.settle(name, removal);
  }

  private *takeDue(): Iterable<Due> {
    for (const due of this.due) {
      this.due.delete(due);
      yield due;
    }
    this.isBeginning = false;
  }

  private begin({ name, removal }: Due): void {
    const removed = removal().catch((error: unknown) => {
      if (!this.owed.has(name)) this.log.warn('store removal failed, will retry', { removal: name, error });
      this.owed.set(name, removal);
    });
    this.track(removed);
  }

  private track(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => this.running.delete(tracked));
    this.running.add(tracked);
  }

  private async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }
}
