import type { Log } from '@ringback/core';
import type { WriteProbe } from '@ringback/redis';
import type { Job, Queue } from 'bullmq';
import type { RedisReceipts } from './redis-receipts.js';
import type { NewTicket } from './ticket.js';
import type { QueueOptions } from './ticket-queue.port.js';

export interface BullmqSweeperParts {
  readonly queue: Queue<NewTicket>;
  readonly receipts: RedisReceipts;
  readonly probe: WriteProbe;
  readonly options: QueueOptions;
  readonly log: Log;
  /** Removes a ticket for good. */
  readonly drop: (job: Job<NewTicket>) => Promise<void>;
}

const SWEEP_MS = 2_000;
const SWEPT_AT_ONCE = 500;

/** Proves that tickets can be kept, and removes receipts whose time is over, and failed tickets that are too many or too old. */
export class BullmqSweeper {
  /** Whether Redis answered when it was asked last. */
  isAnswered = true;
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;
  private isStopped = false;
  private isFailing = false;

  constructor(private readonly parts: BullmqSweeperParts) {}

  start(): void {
    this.timer = setInterval(() => this.sweepNext(), SWEEP_MS);
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.sweeping;
  }

  private sweepNext(): void {
    this.sweeping ??= this.sweepOnce();
  }

  /** A failure is told once: while Redis is away each sweep fails. */
  private async sweepOnce(): Promise<void> {
    try {
      await this.sweep();
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing) this.parts.log.warn('tickets could not be swept', { error });
      this.isFailing = true;
    } finally {
      this.sweeping = undefined;
    }
  }

  private async sweep(): Promise<void> {
    // Where nothing is taken nothing can be removed either; whether Redis answers at all is asked below.
    if (!(await this.parts.probe.run()) && this.parts.probe.refusal !== undefined) return;
    while ((await this.sweepReceipts()) && !this.isStopped);
    while ((await this.sweepFailed()) && !this.isStopped);
  }

  /** Resolves to whether there may be more. */
  private async sweepReceipts(): Promise<boolean> {
    const due = await this.due();
    const gone = await Promise.all(due.map((id) => this.sweepReceipt(id)));
    return due.length === SWEPT_AT_ONCE && gone.some(Boolean);
  }

  private async due(): Promise<readonly string[]> {
    try {
      const due = await this.parts.receipts.due(SWEPT_AT_ONCE);
      this.isAnswered = true;
      return due;
    } catch (error) {
      this.isAnswered = false;
      throw error;
    }
  }

  private async sweepReceipt(id: string): Promise<boolean> {
    const { queue, receipts, drop } = this.parts;
    const job = await queue.getJob(id);
    if (job && (await job.isActive())) return false; // about to be done
    // What is not done was stopped between two steps, and comes here again when it is.
    if (job && (await job.isCompleted())) await drop(job);
    await receipts.forget(id);
    return true;
  }

  /** Resolves to whether there may be more. */
  private async sweepFailed(): Promise<boolean> {
    const { queue, options, log } = this.parts;
    const oldest = await queue.getRanges(['failed'], 0, SWEPT_AT_ONCE - 1, true);
    // After that: what another agent removes meanwhile, is not to make this one remove younger ones.
    const surplus = ((await queue.getJobCounts('failed'))['failed'] ?? 0) - options.mostFailed;
    const since = Date.now() - options.failedAgeMs;
    let tickets = 0;
    for (const [index, id] of oldest.entries()) {
      const job = await queue.getJob(id);
      if (index >= surplus && (job?.finishedOn ?? 0) > since) break;
      if (job && (await this.dropFailed(job))) tickets++;
    }
    if (tickets > 0) log.warn('failed tickets removed', { tickets });
    return tickets === SWEPT_AT_ONCE;
  }

  /** Resolves to whether it had failed still: an operator may have begun it anew. */
  private async dropFailed(job: Job<NewTicket>): Promise<boolean> {
    if (!(await job.isFailed())) return false;
    await this.parts.drop(job);
    return true;
  }
}
