import type { Log } from '@ringback/core';
import type { RedisConnections } from '@ringback/redis';
import { UnrecoverableError, type Job } from 'bullmq';
import { Cluster, type Redis } from 'ioredis';
import type { AgentKeys } from '../agent-keys.js';
import { viewJob } from './bullmq-job.js';
import { describeFailure } from './describe-failure.js';
import { FinalError } from './final-error.js';
import { PatientWorker } from './patient-worker.js';
import { RedisReceipts } from './redis-receipts.js';
import { retryDelayMs } from './retry-delay.js';
import { deleteTimeOf, type NewTicket } from './ticket.js';
import type { Execute, QueueOptions } from './ticket-queue.port.js';

export interface BullmqWorkerParts {
  readonly redis: RedisConnections;
  readonly keys: AgentKeys;
  readonly options: QueueOptions;
  readonly log: Log;
  readonly execute: Execute;
}

/** What could not be told to Redis is told again before the lease of its ticket is over. */
const RETRY_MS = 500;
/** A command of the worker waits 10 s at most; a server that is silent for longer hangs, and another may have taken its place. */
const SILENCE_MS = 15_000;
/** How many agents may die over one ticket. */
const MOST_STALLED = 10;

/** Carries out tickets of the queue, on connections of its own that wait. */
export class BullmqWorker {
  private readonly connection: Redis | Cluster;
  private readonly worker: PatientWorker<NewTicket>;
  private readonly receipts: RedisReceipts;

  constructor(
    queue: string,
    private readonly parts: BullmqWorkerParts,
  ) {
    const { redis, keys, options, log } = parts;
    this.connection = waitingConnection(redis.commands);
    this.receipts = new RedisReceipts({ commands: this.connection }, keys);
    this.connection.on('error', (error) => log.debug('worker connection failed', { error }));
    this.worker = new PatientWorker<NewTicket>(queue, (job) => this.carryOut(job), {
      connection: this.connection,
      prefix: keys.base,
      concurrency: options.concurrency,
      lockDuration: options.leaseMs,
      stalledInterval: options.leaseMs / 2,
      runRetryDelay: RETRY_MS,
      maxStalledCount: MOST_STALLED,
      settings: { backoffStrategy: (attempts) => retryDelayMs(attempts, options) },
    });
    this.worker.on('error', (error) => this.failed(error));
    this.worker.on('stalled', (ticketId) => log.warn('ticket begun again', { ticketId }));
  }

  /** Resolves to whether all that was under way has ended in time. */
  async stop(withinMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, withinMs, false);
    });
    this.worker.stopWaiting();
    const ended = this.worker.close().then(() => true);
    return Promise.race([ended, late]).finally(() => clearTimeout(timer));
  }

  /** To be called after `stop`. The worker's own close would wait for what that gave up. */
  close(): void {
    this.connection.disconnect();
  }

  /** While Redis is away BullMQ says so several times a second; the connection's own listener warns. */
  private failed(error: Error): void {
    const isConnection = 'code' in error && typeof error.code === 'string';
    this.parts.log[isConnection ? 'debug' : 'warn']('queue worker failed', { error });
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
    // Before BullMQ knows that it is done: else it could stay for ever. On this connection it waits for Redis: the work is done, and no failure.
    await this.receipts.keep(job.data.id, deleteTimeOf(Date.now(), job.data));
  }
}

/** Like another connection, but without its limits on how long a command may wait. */
function waitingConnection(connection: Redis | Cluster): Redis | Cluster {
  const patient = {
    maxRetriesPerRequest: null,
    commandTimeout: undefined,
    socketTimeout: SILENCE_MS,
    autoResendUnfulfilledCommands: true,
  };
  if (connection instanceof Cluster)
    return connection.duplicate([], {
      enableOfflineQueue: true,
      redisOptions: { ...connection.options.redisOptions, ...patient } as never,
    });
  return connection.duplicate({ ...patient, enableOfflineQueue: true } as never);
}
