import {
  HubError,
  parseEventGuid,
  type CloseReason,
  type Envelope,
  type EventGuid,
  type Position,
} from '@ringback/contract';
import { type Credentials, type DisconnectReason, type Hub, type Identity, type Log } from '@ringback/core';
import { randomBytes } from 'node:crypto';
import type { BridgeMetrics } from './bridge-metrics.js';
import type { BridgedEnvelope } from './envelope-codec.js';
import type { FatalEnvelopes } from './fatal-envelopes.js';
import { Lanes } from './lanes.js';
import { LocalConnection } from './local-connection.js';
import { originOf } from './origin.js';
import type { RemoteHub, Sent } from './remote-hub.js';
import { BRIDGE_SUBSCRIBER_PREFIX } from './subscribed-events.js';
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
  readonly fatal: FatalEnvelopes;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

/** One connection of the bridge to its own hub. */
export class OutboundSession {
  readonly ended: Promise<void>;
  private readonly connection: LocalConnection;
  private readonly lanes = new Lanes();
  private readonly over = new AbortController();
  /** Where each event stood when the bridge subscribed to it. */
  private readonly places = new Map<string, Position>();
  /** How often it has gone back to a one-shot: what came before that comes again. */
  private readonly rounds = new Map<string, number>();
  private opening: Promise<void> = Promise.resolve();

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
    const subscriberId = BRIDGE_SUBSCRIBER_PREFIX + this.options.name;
    this.hub.connect(this.connection, identity, { subscriberId, resume: 'on-connect' });
    this.opening = this.subscribeAll();
    await this.opening;
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

  private async subscribeAll(): Promise<void> {
    for (const eventguid of this.options.eventguids) await this.subscribe(eventguid);
  }

  private async subscribe(eventguid: string, after?: Position): Promise<void> {
    const { position } = await this.hub.subscribe(this.connection.connectionId, {
      eventguid: parseEventGuid(eventguid),
      cookie: COOKIE,
      ...(after && { after }),
    });
    this.places.set(eventguid, position);
  }

  /** A one-shot has ended the bridge's subscription with the others: subscribes again from there. */
  private async renew(eventguid: EventGuid, cut: Position): Promise<void> {
    await this.opening;
    const place = this.places.get(eventguid);
    // It had come before the bridge subscribed on its return: what lies between is not delivered to a subscription that began later.
    if (place?.epoch === cut.epoch && place.offset > cut.offset) {
      await this.hub.unsubscribe(this.connection.connectionId, eventguid);
      this.rounds.set(eventguid, this.round(eventguid) + 1);
    }
    await this.subscribe(eventguid, cut);
  }

  private round(eventguid: string): number {
    return this.rounds.get(eventguid) ?? 0;
  }

  private carry(bridged: BridgedEnvelope, done: () => void): void {
    const { eventguid } = bridged.envelope;
    const round = this.round(eventguid);
    this.lanes
      .run(eventguid, 0, () => this.pass(bridged, round))
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

  private async pass({ envelope, gap }: BridgedEnvelope, round: number): Promise<void> {
    if (this.over.signal.aborted) throw new HubError('closed');
    const { eventguid, position, oneShot } = envelope;
    if (round !== this.round(eventguid)) return;
    // What an earlier configuration has left.
    if (!this.options.eventguids.includes(eventguid)) return this.leave(eventguid);
    const { name, clusterId, metrics } = this.options;
    if (gap) metrics.carried(name, 'out', 'gap');
    const origin = envelope.origin ?? originOf(clusterId, position);
    metrics.carried(name, 'out', await this.hand(envelope, origin));
    // First, lest what follows be missed where this node ends in between.
    if (oneShot) await this.renew(eventguid, position);
    await this.hub.acknowledge(this.connection.connectionId, eventguid, position);
  }

  private async hand(envelope: Envelope, origin: string): Promise<Sent | 'rejected'> {
    const { name, fatal, log } = this.options;
    const fields = { bridge: name, eventguid: envelope.eventguid, origin };
    if (fatal.has(envelope, origin)) {
      log.warn('bridge message rejected', { ...fields, code: 'data-too-large' });
      return 'rejected';
    }
    try {
      const { signal } = this.over;
      return await untilTaken(() => this.remote.trigger(envelope, origin), {
        ...this.options,
        signal,
        fields,
      });
    } catch (error) {
      if (!this.remote.connected) fatal.note(envelope, origin);
      throw error;
    }
  }

  private async leave(eventguid: EventGuid): Promise<void> {
    await this.hub.unsubscribe(this.connection.connectionId, eventguid);
  }
}
