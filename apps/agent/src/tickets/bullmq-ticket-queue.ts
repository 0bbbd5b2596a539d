import type { Log, Page } from '@ringback/core';
import { WriteProbe, type RedisConnections } from '@ringback/redis';
import { Queue, type Job } from 'bullmq';
import type { AgentKeys } from '../agent-keys.js';
import { storeAnswer } from '../store-answer.js';
import { BullmqSweeper } from './bullmq-sweeper.js';
import { BullmqWorker } from './bullmq-worker.js';
import { stateOf, typesOf, viewJob } from './bullmq-job.js';
import { keptPositionOf } from './kept-position.js';
import { RedisPositions } from './redis-positions.js';
import { RedisReceipts } from './redis-receipts.js';
import type { NewTicket, Ticket, TicketState } from './ticket.js';
import { beingCarriedOut, noSuchTicket, notFailed, queueFull } from './ticket-errors.js';
import { isTicketId } from './ticket-id.js';
import { readPage } from './ticket-pages.js';
import type {
  Execute,
  QueueOptions,
  TicketCounts,
  TicketPageRequest,
  TicketQueue,
} from './ticket-queue.port.js';

const QUEUE = 'tickets';

/** Tickets as jobs of BullMQ, shared by all agents with the same Redis and prefix. */
export class BullmqTicketQueue implements TicketQueue {
  private readonly queue: Queue<NewTicket>;
  private readonly positions: RedisPositions;
  private readonly sweeper: BullmqSweeper;
  private readonly probe: WriteProbe;
  private worker: BullmqWorker | undefined;

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
    const receipts = new RedisReceipts(redis, keys);
    const drop = (job: Job<NewTicket>): Promise<void> => this.drop(job);
    this.probe = new WriteProbe(redis, keys.probe);
    this.sweeper = new BullmqSweeper({ queue: this.queue, receipts, probe: this.probe, options, log, drop });
  }

  get healthy(): boolean {
    const isConnected = this.redis.commands.status === 'ready';
    return isConnected && this.sweeper.isAnswered && this.probe.refusal === undefined;
  }

  get refusal(): string | undefined {
    return this.probe.refusal;
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
      if (!isTicketId(id)) return undefined;
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
      try {
        await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
      } catch (error) {
        const isRefused = typeof (error as { readonly code?: unknown }).code === 'number';
        throw isRefused ? notFailed() : error; // by BullMQ: somebody else was faster
      }
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
    const { redis, keys, options, log } = this;
    this.worker = new BullmqWorker(QUEUE, { redis, keys, options, log, execute });
    this.sweeper.start();
  }

  async stop(withinMs: number): Promise<boolean> {
    const [ended] = await Promise.all([this.worker?.stop(withinMs) ?? true, this.sweeper.stop()]);
    return ended;
  }

  async close(): Promise<void> {
    this.worker?.close();
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

  private async slice(
    state: TicketState,
    from: number,
    count: number,
  ): Promise<readonly (Ticket | undefined)[]> {
    const isLatestFirst = state === 'failed' || state === 'done';
    const ids = await this.queue.getRanges([...typesOf(state)], from, from + count - 1, !isLatestFirst);
    const jobs = await Promise.all(ids.map((id) => this.queue.getJob(id)));
    return jobs.map((job) => job && viewJob(job, state));
  }

  private async find(id: string): Promise<Job<NewTicket>> {
    // Other keys of the queue would pass for a job.
    const job = isTicketId(id) ? await this.queue.getJob(id) : undefined;
    if (!job) throw noSuchTicket();
    return job;
  }

  private async drop(job: Job<NewTicket>): Promise<void> {
    if (await job.isActive()) throw beingCarriedOut();
    const position = keptPositionOf(job.data.origin);
    if (position) await this.positions.remember(position);
    if (job.id !== undefined && (await this.queue.remove(job.id)) === 0) throw beingCarriedOut();
  }
}
