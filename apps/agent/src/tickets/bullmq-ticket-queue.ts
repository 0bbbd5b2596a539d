import type { Log, Page } from '@ringback/core';
import type { RedisConnections } from '@ringback/redis';
import { Queue, type Job } from 'bullmq';
import type { AgentKeys } from '../agent-keys.js';
import { storeAnswer } from '../store-answer.js';
import { BullmqWorker } from './bullmq-worker.js';
import { stateOf, typesOf, viewJob } from './bullmq-job.js';
import { keptPositionOf } from './kept-position.js';
import { RedisPositions } from './redis-positions.js';
import { RedisReceipts } from './redis-receipts.js';
import type { NewTicket, Ticket, TicketState } from './ticket.js';
import { beingCarriedOut, noSuchTicket, notFailed, queueFull } from './ticket-errors.js';
import { readPage } from './ticket-pages.js';
import type {
  Execute,
  QueueOptions,
  TicketCounts,
  TicketPageRequest,
  TicketQueue,
} from './ticket-queue.port.js';

const QUEUE = 'tickets';
const SWEEP_MS = 2_000;
const SWEPT_AT_ONCE = 500;

/** Tickets as jobs of BullMQ, shared by all agents with the same Redis and prefix. */
export class BullmqTicketQueue implements TicketQueue {
  private readonly queue: Queue<NewTicket>;
  private readonly positions: RedisPositions;
  private readonly receipts: RedisReceipts;
  private worker: BullmqWorker | undefined;
  private sweeper: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();

  /** Uses the connections and leaves them open. */
  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: AgentKeys,
    private readonly options: QueueOptions,
    private readonly log: Log,
  ) {
    this.queue = new Queue<NewTicket>(QUEUE, { connection: redis.commands, prefix: keys.base });
    this.queue.on('error', (error) => log.debug('queue connection failed', { error })); // the connection's own listener warns
    this.positions = new RedisPositions(redis, keys);
    this.receipts = new RedisReceipts(redis, keys);
  }

  get healthy(): boolean {
    return this.redis.commands.status === 'ready';
  }

  add(ticket: NewTicket): Promise<'stored' | 'known'> {
    return storeAnswer(async () => {
      // In this order: a ticket that is removed meanwhile has left its position before.
      if (await this.queue.getJob(ticket.id)) return 'known';
      const position = keptPositionOf(ticket.origin);
      if (position && (await this.positions.reaches(position))) return 'known';
      const { waiting, delayed, active } = await this.counts();
      if (waiting + delayed + active >= this.options.mostTickets) throw queueFull();
      await this.queue.add('ticket', ticket, this.jobOptions(ticket));
      return 'stored';
    });
  }

  get(id: string): Promise<Ticket | undefined> {
    return storeAnswer(async () => {
      // In this order: of what is done meanwhile, an older state is shown, never a state without what belongs to it.
      const state = stateOf(await this.queue.getJobState(id));
      const job = state && (await this.queue.getJob(id));
      return job && viewJob(job, state);
    });
  }

  list(request: TicketPageRequest): Promise<Page<Ticket>> {
    return storeAnswer(() => readPage(request, (state, from, count) => this.slice(state, from, count)));
  }

  retry(id: string): Promise<void> {
    return storeAnswer(async () => {
      const job = await this.find(id);
      if (!(await job.isFailed())) throw notFailed();
      await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
    });
  }

  remove(id: string): Promise<void> {
    return storeAnswer(async () => this.drop(await this.find(id)));
  }

  counts(): Promise<TicketCounts> {
    return storeAnswer(async () => {
      const counts = await this.queue.getJobCounts(
        'active',
        'waiting',
        'prioritized',
        'delayed',
        'failed',
        'completed',
      );
      const of = (state: TicketState): number =>
        typesOf(state).reduce((sum, type) => sum + (counts[type] ?? 0), 0);
      return {
        active: of('active'),
        waiting: of('waiting'),
        delayed: of('delayed'),
        failed: of('failed'),
        done: of('done'),
      };
    });
  }

  start(execute: Execute): void {
    const { redis, keys, options, receipts, log } = this;
    this.worker = new BullmqWorker(QUEUE, { redis, prefix: keys.base, options, receipts, log, execute });
    this.sweeper = setInterval(() => this.sweepNext(), SWEEP_MS);
  }

  async stop(withinMs: number): Promise<boolean> {
    clearInterval(this.sweeper);
    const [ended] = await Promise.all([this.worker?.stop(withinMs) ?? true, this.sweeping]);
    return ended;
  }

  async close(): Promise<void> {
    await this.worker?.close();
    await this.queue.close();
  }

  private jobOptions({ id, executeEarliest }: NewTicket) {
    return {
      jobId: id,
      attempts: this.options.attempts,
      backoff: { type: 'custom' },
      delay: Math.max(0, (executeEarliest ?? 0) - Date.now()),
      // Their positions have to be remembered first.
      removeOnComplete: false,
      removeOnFail: false,
      stackTraceLimit: 0,
    };
  }

  private async slice(state: TicketState, from: number, count: number): Promise<Ticket[]> {
    const isLatestFirst = state === 'failed' || state === 'done';
    const jobs = await this.queue.getJobs([...typesOf(state)], from, from + count - 1, !isLatestFirst);
    return jobs.filter(Boolean).map((job) => viewJob(job, state));
  }

  private async find(id: string): Promise<Job<NewTicket>> {
    const job = await this.queue.getJob(id);
    if (!job) throw noSuchTicket();
    return job;
  }

  private async drop(job: Job<NewTicket>): Promise<void> {
    if (await job.isActive()) throw beingCarriedOut();
    const position = keptPositionOf(job.data.origin);
    if (position) await this.positions.remember(position);
    if (job.id !== undefined && (await this.queue.remove(job.id)) === 0) throw beingCarriedOut();
  }

  private sweepNext(): void {
    this.sweeping = this.sweeping
      .then(() => this.sweep())
      .catch((error: unknown) => this.log.warn('tickets could not be swept', { error }));
  }

  private async sweep(): Promise<void> {
    for (const id of await this.receipts.due(SWEPT_AT_ONCE)) {
      const job = await this.queue.getJob(id);
      if (job && (await job.isActive())) continue; // about to be done
      // What is not done was stopped between two steps, and comes here again when it is.
      if (job && (await job.isCompleted())) await this.drop(job);
      await this.receipts.forget(id);
    }
    await this.sweepFailed();
  }

  private async sweepFailed(): Promise<void> {
    const { mostFailed, failedAgeMs } = this.options;
    const surplus = (await this.queue.getJobCounts('failed'))['failed'] ?? 0;
    const oldest = await this.queue.getJobs(['failed'], 0, SWEPT_AT_ONCE - 1, true);
    const [tooMany, since] = [surplus - mostFailed, Date.now() - failedAgeMs];
    const old = oldest.filter((job, index) => index < tooMany || (job.finishedOn ?? since) <= since);
    for (const job of old) await this.drop(job);
    if (old.length > 0) this.log.warn('failed tickets removed', { tickets: old.length });
  }
}
