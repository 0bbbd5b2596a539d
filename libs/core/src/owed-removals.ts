import type { TurnBudget } from '@ringback/async';
import type { Log } from './ports/log.port.js';

type Removal = () => Promise<void>;

/** Removals from the store that failed and are tried again, until they succeed or the node's lease runs out. */
export class OwedRemovals {
  private readonly owed = new Map<string, Removal>();
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly log: Log,
    private readonly turns: TurnBudget,
  ) {}

  /** Removes now, or, while many leave, when their turn has come; does not make the caller wait. A failure is logged once and tried again with the next `retry`. */
  settle(name: string, removal: Removal): void {
    const run: Promise<void> = this.turns
      .run(removal)
      .catch((error: unknown) => {
        if (!this.owed.has(name)) this.log.warn('store removal failed, will retry', { removal: name, error });
        this.owed.set(name, removal);
      })
      .finally(() => this.running.delete(run));
    this.running.add(run);
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

  private async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }
}
