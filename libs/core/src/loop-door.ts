import { parsePosition, type Published, type Trigger } from '@ringback/contract';
import { clusterOf } from './origin.js';
import type { Log } from './ports/log.port.js';
import type { Metrics } from './ports/metrics.port.js';
import type { TriggerGuard } from './trigger-guard.js';

/** Turns away what was first triggered in this cluster and has come round over bridges. */
export class LoopDoor implements TriggerGuard {
  constructor(
    private readonly ports: { readonly metrics: Pick<Metrics, 'loopCut'>; readonly log: Log },
    private readonly clusterId: () => Promise<string>,
  ) {}

  concerns({ origin }: Trigger): boolean {
    return origin !== undefined;
  }

  /** What a trigger that has come round is answered with, its first position; `undefined` for any other. Rejects with `bad-request` if it names none. */
  async answer({ eventguid, origin = '' }: Trigger): Promise<Published | undefined> {
    const clusterId = await this.clusterId();
    if (clusterOf(origin) !== clusterId) return undefined;
    const position = parsePosition(origin.slice(clusterId.length + 1));
    this.ports.metrics.loopCut();
    this.ports.log.debug('loop cut', { eventguid, origin });
    return { position, subscribers: 0, nodes: 0 };
  }
}
