import { parsePosition, type Published, type Trigger } from '@ringback/contract';
import type { Hub, Log, TriggerGuard } from '@ringback/core';
import type { BridgeMetrics } from './bridge-metrics.js';
import { clusterOf } from './origin.js';

export interface LoopGuardDependencies {
  readonly metrics: Pick<BridgeMetrics, 'loopDetected'>;
  readonly log: Log;
}

/** Answers what was first triggered in this cluster and has come round over bridges like a repeat: with its first position, and nobody is notified again. */
export class BridgeLoopGuard implements TriggerGuard {
  constructor(
    private readonly hub: Pick<Hub, 'clusterId'>,
    private readonly dependencies: LoopGuardDependencies,
  ) {}

  concerns({ origin }: Trigger): boolean {
    return origin !== undefined;
  }

  /** Rejects with `bad-request` if the origin names this cluster, but no position. */
  async answer({ eventguid, origin = '' }: Trigger): Promise<Published | undefined> {
    const clusterId = await this.hub.clusterId();
    if (clusterOf(origin) !== clusterId) return undefined;
    const position = parsePosition(origin.slice(clusterId.length + 1));
    this.dependencies.metrics.loopDetected();
    this.dependencies.log.debug('loop cut', { eventguid, origin });
    return { position, subscribers: 0, nodes: 0 };
  }
}
