import type { Published, Receipt, Trigger } from '@ringback/contract';
import type { Fanout } from './fanout.js';
import type { LoopDoor } from './loop-door.js';
import type { Metrics } from './ports/metrics.port.js';
import type { ReceiptRequest, Relay } from './ports/relay.port.js';
import type { Receipts } from './receipts.js';

/** What is answered to an accepted trigger. */
export interface Triggered extends Published {
  /** Present if it was to wait. */
  readonly receipt?: Receipt;
}

interface TriggersPorts {
  readonly relay: Pick<Relay, 'publish'>;
  readonly metrics: Pick<Metrics, 'triggered'>;
}

interface TriggersParts {
  readonly receipts: Receipts;
  readonly fanout: Pick<Fanout, 'onDoubt'>;
  readonly door: LoopDoor;
}

/** Hands triggers that are allowed to the relay, and collects their receipts. */
export class Triggers {
  constructor(
    private readonly ports: TriggersPorts,
    private readonly parts: TriggersParts,
  ) {}

  /** As `Hub.trigger` says. */
  async trigger(trigger: Trigger, waitMs?: number): Promise<Triggered> {
    const isBridged = trigger.origin !== undefined;
    const turnedAway = isBridged ? await this.parts.door.turnAway(trigger, waitMs !== undefined) : undefined;
    if (turnedAway) return turnedAway;
    return waitMs === undefined ? this.publish(trigger) : this.publishAndWait(trigger, waitMs);
  }

  private async publish(trigger: Trigger, receipt?: ReceiptRequest): Promise<Published> {
    const published = await this.ports.relay.publish(trigger, receipt);
    this.ports.metrics.triggered();
    // Nobody was reached, although this node follows: its link to the relay is broken without its knowing.
    if (published.nodes === 0) this.parts.fanout.onDoubt([trigger.eventguid]);
    return published;
  }

  private async publishAndWait(trigger: Trigger, waitMs: number): Promise<Triggered> {
    const { receipts } = this.parts;
    const request = receipts.ask();
    try {
      const published = await this.publish(trigger, request);
      return { ...published, receipt: await receipts.collect(request, published.nodes, waitMs) };
    } finally {
      receipts.abandon(request);
    }
  }
}
