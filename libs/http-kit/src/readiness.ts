import type { Log } from '@ringback/core';

export type ReadyStatus = 'ready' | 'starting' | 'draining' | 'cluster-unreachable';

/** Whether a load balancer may send clients to this node. */
export class Readiness {
  private phase: 'starting' | 'started' | 'draining' = 'starting';
  private reachable = true;

  constructor(
    private readonly isHealthy: () => boolean,
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

  status(): ReadyStatus {
    if (this.phase !== 'started') return this.phase;
    return this.turned(this.isHealthy()) ? 'ready' : 'cluster-unreachable';
  }

  /** Logs a change only: probes come every few seconds. */
  private turned(reachable: boolean): boolean {
    if (reachable !== this.reachable) {
      if (reachable) this.log.info('cluster reachable again');
      else this.log.warn('cluster unreachable');
    }
    this.reachable = reachable;
    return reachable;
  }
}
