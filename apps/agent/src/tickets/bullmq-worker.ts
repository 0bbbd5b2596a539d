import type { Log } from '@ringback/core';
import type { RedisConnections } from '@ringback/redis';
import { UnrecoverableError, Worker, type Job } from 'bullmq';
import { Cluster, type Redis } from 'ioredis';
import { viewJob } from './bullmq-job.js';
import { describeFailure } from './describe-failure.js';
import { FinalError } from './final-error.js';
import type { RedisReceipts } from './redis-receipts.js';
import { retryDelayMs } from './retry-delay.js';
import { deleteTimeOf, type NewTicket } from './ticket.js';
import type { Execute, QueueOptions } from './ticket-queue.port.js';

export interface BullmqWorkerParts {
  readonly redis: RedisConnections;
  readonly prefix: string;
  readonly options: QueueOptions;
  readonly receipts: RedisReceipts;
  readonly log: Log;
  readonly execute: Execute;
}

/** After so long without a sign of life of its agent, a ticket is begun again by another. */
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 5_000;
/** How many agents may die over one ticket. */
const MOST_STALLED = 10;

/** Carries out tickets of the queue, on connections of its own that wait. */
export class BullmqWorker {
  private readonly connection: Redis | Cluster;
  private readonly worker: Worker<NewTicket>;

  constructor(
    queue: string,
    private readonly parts: BullmqWorkerParts,
  ) {
    const { redis, prefix, options, log } = parts;
    this.connection = waitingConnection(redis.commands);
    this.connection.on('error', (error) => log.debug('worker connection failed', { error }));
    this.worker = new Worker<NewTicket>(queue, (job) => this.carryOut(job), {
      connection: this.connection,
      prefix,
      concurrency: options.concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: MOST_STALLED,
      settings: { backoffStrategy: (attempts) => retryDelayMs(attempts, options) },
    });
    this.worker.on('error', (error) => log.warn('queue worker failed', { error }));
    this.worker.on('stalled', (ticketId) => log.warn('ticket begun again', { ticketId }));
  }

  /** Resolves to whether all that was under way has ended in time. */
  async stop(withinMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, withinMs, false);
    });
    const ended = this.worker.close().then(() => true);
    return Promise.race([ended, late]).finally(() => clearTimeout(timer));
  }

  async close(): Promise<void> {
    await this.worker.close(true);
    this.connection.disconnect();
  }

  private async carryOut(job: Job<NewTicket>): Promise<void> {
    try {
      await this.parts.execute(viewJob(job, 'active'));
    } catch (error) {
      const reason = describeFailure(error);
      throw error instanceof FinalError
        ? new UnrecoverableError(reason)
        : new Error(reason, { cause: error });
    }
    // Before BullMQ knows that it is done: else it could stay for ever.
    await this.parts.receipts.keep(job.data.id, deleteTimeOf(Date.now(), job.data));
  }
}

/** Like another connection, but without its limits on how long a command may wait. */
function waitingConnection(connection: Redis | Cluster): Redis | Cluster {
  const patient = {
    maxRetriesPerRequest: null,
    commandTimeout: undefined,
    autoResendUnfulfilledCommands: true,
  };
  if (connection instanceof Cluster)
    return connection.duplicate([], {
      enableOfflineQueue: true,
      redisOptions: { ...connection.options.redisOptions, ...patient } as never,
    });
  return connection.duplicate({ ...patient, enableOfflineQueue: true } as never);
}
