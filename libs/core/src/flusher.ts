import type { OutboxBudget } from './outbox-budget.js';
import type { Clock } from './ports/clock.port.js';

/** How long of one turn outboxes are flushed: a write is a system call, and an event may have tens of thousands of subscribers. */
const FLUSH_MS = 10;

/** Outboxes that are flushed between two looks at the clock. */
const FLUSHED_AT_ONCE = 16;

/** What has its turn when all that was added before has had its own. */
interface Flushable {
  flush(): void;
}

/** Flushes the outboxes of a node that have something pending, at the end of the turn; where that takes long, the rest of them at the ends of the next ones. */
export class Flusher {
  private waiting: Flushable[] = [];

  constructor(
    private readonly clock: Clock,
    /** Absent: no bound for all together. */
    readonly budget?: OutboxBudget,
  ) {}

  add(outbox: Flushable): void {
    if (this.waiting.push(outbox) === 1) this.flushSoon();
  }

  /** Runs the task in the turn after all outboxes that have something pending now have handed it over: a transport may write it later in the same turn. */
  after(task: () => void): void {
    this.add({ flush: () => this.clock.nextTurn(task) });
  }

  private flushSoon(): void {
    this.clock.nextTurn(() => this.flush());
  }

  private flush(): void {
    const due = this.waiting;
    this.waiting = [];
    const done = this.flushInTime(due);
    if (done === due.length) return;
    const isScheduled = this.waiting.length > 0;
    this.waiting = [...due.slice(done), ...this.waiting];
    if (!isScheduled) this.flushSoon();
  }

  /** Answers how many of them. */
  private flushInTime(due: readonly Flushable[]): number {
    const endsAt = this.clock.now() + FLUSH_MS;
    let done = 0;
    for (const outbox of due) {
      outbox.flush();
      if (++done % FLUSHED_AT_ONCE === 0 && this.clock.now() >= endsAt) break;
    }
    return done;
  }
}
