import { HubError, parseEventGuid, type CloseReason, type Position } from '@ringback/contract';
import {
  BRIDGE_SUBSCRIBERS,
  originOf,
  type Credentials,
  type DisconnectReason,
  type Hub,
  type Identity,
  type Log,
} from '@ringback/core';
import { randomBytes } from 'node:crypto';
import type { BridgeMetrics } from './bridge-metrics.js';
import type { BridgedEnvelope } from './envelope-codec.js';
import { Lanes } from './lanes.js';
import { LocalConnection } from './local-connection.js';
import type { RemoteHub } from './remote-hub.js';
import { untilTaken } from './until-taken.js';

const COOKIE = 'bridge';

export interface OutboundOptions {
  readonly name: string;
  /** The events that are triggered at the remote hub as well. */
  readonly eventguids: readonly string[];
  readonly credentials: Credentials;
  readonly clusterId: string;
  readonly log: Log;
  readonly metrics: BridgeMetrics;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

/** One connection of the bridge to its own hub. */
export class OutboundSession {
  readonly ended: Promise<void>;
  private readonly connection: LocalConnection;
  private readonly lanes = new Lanes();
  private readonly over = new AbortController();

  constructor(
    private readonly hub: Hub,
    private readonly remote: RemoteHub,
    private readonly options: OutboundOptions,
    stopped: AbortSignal,
  ) {
    const id = `${hub.nodeId}.bridge-${randomBytes(9).toString('base64url')}`;
    this.connection = new LocalConnection(id, {
      onEnvelope: (bridged, done) => this.carry(bridged, done),
      onClose: (reason) => this.closed(reason),
    });
    this.ended = new Promise((resolve) => {
      this.over.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    stopped.addEventListener('abort', () => this.end('client'), { once: true });
  }

  async open(identity: Identity): Promise<void> {
    const subscriberId = BRIDGE_SUBSCRIBERS + this.options.name;
    this.hub.connect(this.connection, identity, { subscriberId, resume: 'on-connect' });
    for (const eventguid of this.options.eventguids) await this.subscribe(eventguid);
  }

  end(reason: DisconnectReason): void {
    if (this.over.signal.aborted) return;
    this.over.abort();
    this.hub.disconnect(this.connection.connectionId, reason);
  }

  private closed({ name }: CloseReason): void {
    this.options.log.info('bridge closed by its hub', { bridge: this.options.name, reason: name });
    this.end(name as DisconnectReason);
  }

  private async subscribe(eventguid: string, after?: Position): Promise<void> {
    await this.hub.subscribe(this.connection.connectionId, {
      eventguid: parseEventGuid(eventguid),
      cookie: COOKIE,
      ...(after && { after }),
    });
  }

  private carry(bridged: BridgedEnvelope, done: () => void): void {
    const { eventguid } = bridged.envelope;
    this.lanes
      .run(eventguid, () => this.pass(bridged))
      .catch((error: unknown) => {
        if (this.over.signal.aborted) return; // it comes again
        this.options.log.warn('not acknowledged by the bridge', {
          bridge: this.options.name,
          eventguid,
          error,
        });
        // What follows in the event must not be acknowledged past this one.
        this.end('client');
      })
      .finally(done);
  }

  private async pass({ envelope, gap }: BridgedEnvelope): Promise<void> {
    if (this.over.signal.aborted) throw new HubError('closed');
    const { eventguid, position, oneShot } = envelope;
    const { name, clusterId, metrics } = this.options;
    if (gap) metrics.carried(name, 'out', 'gap');
    const origin = envelope.origin ?? originOf(clusterId, position);
    const outcome = await untilTaken(() => this.remote.trigger(envelope, origin), {
      ...this.options,
      signal: this.over.signal,
      fields: { bridge: name, eventguid, origin },
    });
    metrics.carried(name, 'out', outcome);
    await this.hub.acknowledge(this.connection.connectionId, eventguid, position);
    // A one-shot has ended the bridge's subscription with the others.
    if (oneShot) await this.subscribe(eventguid, position);
  }
}
