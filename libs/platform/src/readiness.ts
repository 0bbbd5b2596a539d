import type { Log } from '@ringback/core';

/** Whether the cluster can be reached. A rejection means no. */
export type ReadyProbe = () => Promise<boolean>;

export type ReadyStatus = 'ready' | 'starting' | 'draining' | 'cluster-unreachable';

/** How long the probe may take before it counts as failed. */
const PROBE_MS = 1_000;

/** Whether a load balancer may send clients to this node. */
export class Readiness {
  private phase: 'starting' | 'started' | 'draining' = 'starting';
  private reachable = true;

  constructor(
    private readonly probe: ReadyProbe,
    private readonly log: Log,
    private readonly probeMs = PROBE_MS,
  ) {}

  started(): void {
    if (this.phase === 'starting') this.phase = 'started';
  }

  draining(): void {
    this.phase = 'draining';
  }

  async status(): Promise<ReadyStatus> {
    if (this.phase !== 'started') return this.phase;
    return (await this.reaches()) ? 'ready' : 'cluster-unreachable';
  }

  private async reaches(): Promise<boolean> {
    try {
      return this.turned(await this.withinTime());
    } catch (error) {
      return this.turned(false, error);
    }
  }

  private withinTime(): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, this.probeMs, false);
      const done = (): void => clearTimeout(timer);
      this.probe().then(resolve, reject).finally(done);
    });
  }

  /** Logs a change only: probes come every few seconds. */
  private turned(reachable: boolean, error?: unknown): boolean {
    if (reachable !== this.reachable) {
      if (reachable) this.log.info('cluster reachable again');
      else this.log.warn('cluster unreachable', error === undefined ? {} : { error });
    }
    this.reachable = reachable;
    return reachable;
  }
}
