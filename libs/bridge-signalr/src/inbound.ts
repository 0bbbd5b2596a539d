import { HubError, parseEventGuid, type Trigger } from '@ringback/contract';
import type { Credentials, Hub, Log } from '@ringback/core';
import type { BridgeMetrics } from './bridge-metrics.js';
import { originKey } from './origin-key.js';
import { clusterOf } from './origin.js';
import type { RemoteDelivery } from './remote-hub.js';
import { untilTaken } from './until-taken.js';

export interface InboundOptions {
  readonly name: string;
  readonly credentials: Credentials;
  readonly clusterId: string;
  readonly log: Log;
  readonly metrics: BridgeMetrics;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

/** Triggers in the local hub what comes from a remote one. */
export class Inbound {
  private readonly stopped = new AbortController();

  constructor(
    private readonly hub: Hub,
    private readonly options: InboundOptions,
  ) {}

  /** Nothing more is triggered; what is just being tried is given up. */
  stop(): void {
    this.stopped.abort();
  }

  /** Resolves once the hub has it, or has refused it for ever, which is logged and counted. Rejects with `closed` when it is stopped before. */
  async receive(delivery: RemoteDelivery): Promise<void> {
    const { name, clusterId, metrics } = this.options;
    const { eventguid, labels } = delivery;
    const outcome = await untilTaken(() => this.trigger(delivery), {
      ...this.options,
      signal: this.stopped.signal,
      fields: { bridge: name, eventguid, origin: labels.origin },
    });
    const hasComeRound = outcome === 'accepted' && clusterOf(labels.origin) === clusterId;
    metrics.carried(name, 'in', hasComeRound ? 'loop' : outcome);
  }

  private async trigger({ eventguid, data, labels, removeAfterSend }: RemoteDelivery): Promise<'accepted'> {
    if (this.stopped.signal.aborted) throw new HubError('closed');
    const identity = await this.hub.authenticate(this.options.credentials);
    const trigger: Trigger = {
      ...labels,
      eventguid: parseEventGuid(eventguid),
      data,
      removeAfterSend,
      key: originKey(labels.origin),
    };
    await this.hub.trigger(identity, trigger);
    return 'accepted';
  }
}
