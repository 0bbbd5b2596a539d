import { BackgroundJob } from './background-job.js';
import type { Lease } from './lease.js';
import type { Clock } from './ports/clock.port.js';
import type { LeaseStore, NodeFigures, NodeLease } from './ports/lease-store.port.js';
import type { Log } from './ports/log.port.js';
import type { Metrics } from './ports/metrics.port.js';

/** A lease is renewed this many times within its life, so that two lost heartbeats do not end it. */
const HEARTBEATS_PER_LEASE = 3;

export interface LeaseKeeperOptions {
  readonly address: string;
  readonly version: string;
  readonly leaseMs: number;
}

/** What goes with the heartbeat. */
export interface HeartbeatWork {
  figures(): NodeFigures;
  /** Puts again what this node holds, under the present lease. */
  restore(): Promise<void>;
  /** Whatever else is due now and then. */
  tidy(): Promise<void>;
}

/**
 * Keeps this node's lease, and sweeps those of nodes that are dead. The heartbeat renews and does nothing else: what takes
 * long runs beside it, so that no work for others costs a node its own lease.
 */
export class LeaseKeeper {
  private readonly startedAt: number;
  private readonly jobs: readonly BackgroundJob[];
  private readonly restoring: BackgroundJob;
  private cancelNext: (() => void) | undefined;
  private beating: Promise<void> = Promise.resolve();
  private stopped = false;
  /** Whether the lease may be in the store. */
  private wasTaken = false;
  /** Whether something that this node holds may be missing in the store. */
  private restoreDue = false;

  constructor(
    private readonly ports: { leases: LeaseStore; clock: Clock; log: Log; metrics: Metrics },
    private readonly lease: Lease,
    private readonly options: LeaseKeeperOptions,
    private readonly work: HeartbeatWork,
  ) {
    this.startedAt = ports.clock.now();
    this.restoring = new BackgroundJob('restore', () => this.restoreIfDue(), ports.log);
    const sweeping = new BackgroundJob('sweep', () => this.sweep(), ports.log);
    const tidying = new BackgroundJob('tidy', () => work.tidy(), ports.log);
    this.jobs = [this.restoring, sweeping, tidying];
  }

  /** Takes the lease; rejects if the store cannot be reached. */
  async start(): Promise<void> {
    this.wasTaken = true;
    await this.ports.leases.take(this.describe());
    this.schedule();
  }

  /** Puts again what this node holds, as often as it takes; it does not wait for that. */
  restore(): void {
    this.restoreDue = true;
    this.restoring.begin();
  }

  /** No heartbeat follows. The lease, if it was taken, is given up, or runs out by itself. */
  async stop(how: 'give-up' | 'let-run-out'): Promise<void> {
    this.stopped = true;
    this.cancelNext?.();
    await this.beating;
    await Promise.all(this.jobs.map((job) => job.idle()));
    if (how === 'give-up' && this.wasTaken) await this.ports.leases.release(this.lease.id);
  }

  private schedule(): void {
    if (this.stopped) return;
    this.cancelNext = this.ports.clock.after(this.options.leaseMs / HEARTBEATS_PER_LEASE, () => {
      this.beating = this.beat().finally(() => this.schedule());
    });
  }

  private async beat(): Promise<void> {
    try {
      await this.renew();
    } catch (error) {
      this.ports.log.warn('heartbeat failed', { nodeId: this.lease.nodeId, error });
    }
    for (const job of this.jobs) job.begin();
  }

  private async renew(): Promise<void> {
    if (await this.ports.leases.renew(this.describe())) return;
    this.lease.renewGeneration();
    this.restoreDue = true;
    this.ports.log.warn('lease expired, re-acquired', { ...this.lease.id });
    await this.ports.leases.take(this.describe());
  }

  /** Stays due until it has succeeded under one and the same lease. */
  private async restoreIfDue(): Promise<void> {
    while (this.restoreDue && !this.stopped) {
      this.restoreDue = false;
      try {
        await this.work.restore();
      } catch (error) {
        this.restoreDue = true;
        throw error;
      }
    }
  }

  private async sweep(): Promise<void> {
    const subscriptions = await this.ports.leases.sweep();
    if (subscriptions === 0) return;
    this.ports.metrics.swept(subscriptions);
    this.ports.log.info('subscriptions of dead nodes removed', { subscriptions });
  }

  private describe(): NodeLease {
    const { address, version } = this.options;
    return { ...this.lease.id, address, version, startedAt: this.startedAt, figures: this.work.figures() };
  }
}
