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

/** What the heartbeat does beside renewing the lease. */
export interface HeartbeatWork {
  figures(): NodeFigures;
  /** The lease was lost: puts again what this node holds, under the new generation. */
  restore(): Promise<void>;
  /** Whatever else is due now and then. */
  tidy(): Promise<void>;
}

/** Keeps this node's lease, and sweeps those of nodes that are dead. */
export class LeaseKeeper {
  private readonly startedAt: number;
  private cancelNext: (() => void) | undefined;
  private beating: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly ports: { leases: LeaseStore; clock: Clock; log: Log; metrics: Metrics },
    private readonly lease: Lease,
    private readonly options: LeaseKeeperOptions,
    private readonly work: HeartbeatWork,
  ) {
    this.startedAt = ports.clock.now();
  }

  /** Takes the lease; rejects if the store cannot be reached. */
  async start(): Promise<void> {
    await this.ports.leases.take(this.describe());
    this.schedule();
  }

  /** Gives the lease up; no heartbeat follows. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelNext?.();
    await this.beating;
    await this.ports.leases.release(this.lease.id);
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
      const swept = await this.ports.leases.sweep();
      if (swept > 0) this.noteSwept(swept);
      await this.work.tidy();
    } catch (error) {
      this.ports.log.warn('heartbeat failed', { nodeId: this.lease.nodeId, error });
    }
  }

  private async renew(): Promise<void> {
    if (await this.ports.leases.renew(this.describe())) return;
    this.lease.renewGeneration();
    this.ports.log.warn('lease lost, taken anew', { ...this.lease.id });
    await this.ports.leases.take(this.describe());
    await this.work.restore();
  }

  private noteSwept(subscriptions: number): void {
    this.ports.metrics.swept(subscriptions);
    this.ports.log.info('subscriptions of dead nodes removed', { subscriptions });
  }

  private describe(): NodeLease {
    const { address, version } = this.options;
    return { ...this.lease.id, address, version, startedAt: this.startedAt, figures: this.work.figures() };
  }
}
