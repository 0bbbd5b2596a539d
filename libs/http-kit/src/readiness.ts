import type { Log } from '@ringback/core';

export type ReadyStatus =
  'ready' | 'starting' | 'draining' | 'cluster-unreachable' | 'cluster-refuses-writes';

/** What binds the nodes together, as far as its health goes. */
export interface ClusterHealth {
  /** Whether it does all that is needed of it, by proof of the last second. */
  healthy(): boolean;
  /** Its own word for why it refuses writes, `OOM` for instance; `undefined` as long as it takes them. */
  refusal?(): string | undefined;
}

/** Whether clients may be sent here, and if not, why. */
export interface ReadyReport {
  readonly status: ReadyStatus;
  /** With `cluster-refuses-writes`, the word with which Redis refuses. */
  readonly reason?: string;
}

/** Whether a load balancer may send clients to this node. */
export class Readiness {
  private phase: 'starting' | 'started' | 'draining' = 'starting';
  private last: ReadyReport = { status: 'ready' };

  constructor(
    private readonly cluster: ClusterHealth,
    private readonly log: Log,
  ) {}

  get isStarted(): boolean {
    return this.phase === 'started';
  }

  started(): void {
    if (this.phase === 'starting') this.phase = 'started';
  }

  draining(): void {
    this.phase = 'draining';
  }

  report(): ReadyReport {
    if (this.phase !== 'started') return { status: this.phase };
    const report = this.examine();
    this.logChange(report);
    this.last = report;
    return report;
  }

  private examine(): ReadyReport {
    const reason = this.cluster.refusal?.();
    if (reason !== undefined) return { status: 'cluster-refuses-writes', reason };
    return { status: this.cluster.healthy() ? 'ready' : 'cluster-unreachable' };
  }

  /** A change only: probes come every few seconds. */
  private logChange({ status, reason }: ReadyReport): void {
    if (status === this.last.status && reason === this.last.reason) return;
    if (status === 'ready') this.log.info('cluster reachable again');
    else if (reason === undefined) this.log.warn('cluster unreachable');
    else this.log.warn('cluster refuses writes', { reason });
  }
}
