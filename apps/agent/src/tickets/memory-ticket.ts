import type { Clock } from '@ringback/core';
import { describeFailure } from './describe-failure.js';
import { FinalError } from './final-error.js';
import { retryDelayMs } from './retry-delay.js';
import { deleteTimeOf, type NewTicket, type Ticket, type TicketState } from './ticket.js';
import type { Execute, QueueOptions } from './ticket-queue.port.js';

/** One ticket of the queue in memory, and how far it has come. */
export class MemoryTicket {
  /** Not before then. */
  due: number;
  /** When it was done or has failed; 0 before. */
  ended = 0;
  private phase: 'open' | 'active' | 'done' | 'failed' = 'open';
  private attempts = 0;
  private error: string | undefined;

  constructor(
    readonly made: NewTicket,
    private readonly clock: Clock,
  ) {
    this.due = made.executeEarliest ?? 0;
  }

  get state(): TicketState {
    if (this.phase !== 'open') return this.phase;
    return this.due > this.clock.now() ? 'delayed' : 'waiting';
  }

  view(): Ticket {
    const done = this.phase === 'done' ? this.ended : undefined;
    return {
      ...this.made,
      state: this.state,
      attempts: this.attempts,
      ...(done !== undefined && { done, deleteTime: deleteTimeOf(done, this.made) }),
      ...(this.error !== undefined && { error: this.error }),
    };
  }

  /** It is to be carried out anew, with all its attempts. */
  renew(): void {
    this.phase = 'open';
    this.attempts = 0;
    this.error = undefined;
  }

  /** Resolves when the attempt has ended, however it has. */
  async carryOut(execute: Execute, options: QueueOptions): Promise<void> {
    this.phase = 'active';
    try {
      await execute(this.view());
      this.attempts++;
      this.finish('done');
      this.error = undefined;
    } catch (error) {
      this.attempts++;
      this.error = describeFailure(error);
      if (error instanceof FinalError || this.attempts >= options.attempts) this.finish('failed');
      else this.delay(retryDelayMs(this.attempts, options));
    }
  }

  private finish(phase: 'done' | 'failed'): void {
    this.phase = phase;
    this.ended = this.clock.now();
  }

  private delay(delayMs: number): void {
    this.phase = 'open';
    this.due = this.clock.now() + delayMs;
  }
}
