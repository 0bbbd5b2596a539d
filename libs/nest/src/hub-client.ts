import { Inject, Injectable } from '@nestjs/common';
import {
  formatPosition,
  parseData,
  parseEventGuid,
  parseTriggerOptions,
  type SubscribeReply,
  type TriggerOptions,
} from '@ringback/contract';
import { Hub, type Log } from '@ringback/core';
import { ConnectionRegistry, type ClientSession } from '@ringback/gateway-kit';
import { APPLICATION } from './application-access.js';
import { InProcessConnection, type HubDelivery } from './in-process.connection.js';
import { LOG } from './tokens.js';

/** Called for each delivery, in the order of positions of its event. A promise is not waited for. What it throws is logged and stops nothing. */
export type HubDeliveryHandler = (delivery: HubDelivery) => unknown;

/** What became of a trigger. */
export interface HubTriggered {
  /** `epoch:offset` */
  readonly position: string;
  /** Subscriptions stored at that moment, on all nodes. */
  readonly subscribers: number;
}

const OPTIONS = ['removeAfterSend', 'key', 'type', 'contentType', 'source', 'id'] as const;

/**
 * Triggers and subscribes at the hub of this process, for the application that it runs in: it may do everything. Its subscriptions live as long as the
 * process; what is to outlive it subscribes over a protocol, with a `subscriberId`.
 */
@Injectable()
export class HubClient {
  private readonly connections: ConnectionRegistry<InProcessConnection>;
  private readonly handlers = new Map<string, HubDeliveryHandler>();
  private session: ClientSession<InProcessConnection> | undefined;

  constructor(
    @Inject(Hub) private readonly hub: Hub,
    @Inject(LOG) private readonly log: Log,
  ) {
    this.connections = new ConnectionRegistry(hub, 'in-process');
  }

  /** Resolves once the event is kept and on its way. Rejects with a `HubError`; after `relay-unavailable` repeat it with the same `key`. */
  async trigger(
    eventguid: string,
    data?: unknown,
    options: Partial<Pick<TriggerOptions, (typeof OPTIONS)[number]>> = {},
  ): Promise<HubTriggered> {
    const { position, subscribers } = await this.hub.trigger(APPLICATION, {
      eventguid: parseEventGuid(eventguid),
      data: parseData(data),
      ...parseTriggerOptions(options, OPTIONS),
    });
    return { position: formatPosition(position), subscribers };
  }

  /** Resolves once the application is subscribed; a second call for one event changes cookie and handler. Rejects with a `HubError`. */
  async subscribe(eventguid: string, cookie: string, handler: HubDeliveryHandler): Promise<void> {
    const session = (this.session ??= this.connect());
    const request = { eventguid: parseEventGuid(eventguid), cookie };
    const previous = this.handlers.get(eventguid);
    this.handlers.set(eventguid, handler); // the first delivery may come before the answer has been looked at
    try {
      const run = (release: () => void) => session.execute({ name: 'subscribe', request }, release);
      (await session.run('subscribe', [], run)) as SubscribeReply;
    } catch (error) {
      if (previous) this.handlers.set(eventguid, previous);
      else this.handlers.delete(eventguid);
      throw error;
    }
  }

  /** Resolves to whether there was a subscription. */
  async unsubscribe(eventguid: string): Promise<boolean> {
    if (!this.session) return false;
    const removed = await this.hub.unsubscribe(this.session.connectionId, parseEventGuid(eventguid));
    this.handlers.delete(eventguid);
    return removed;
  }

  private connect(): ClientSession<InProcessConnection> {
    const connection = new InProcessConnection(
      {
        onDelivery: (delivery) => this.deliver(delivery),
        onClose: () => this.disconnect(),
      },
      (error) => this.hub.failed(error),
    );
    return this.connections.open(connection, APPLICATION);
  }

  private disconnect(): void {
    const { session } = this;
    this.session = undefined;
    if (session) queueMicrotask(() => this.connections.end(session)); // not within the hub's turn
  }

  private deliver(delivery: HubDelivery): void {
    const { eventguid, meta } = delivery;
    const handler = this.handlers.get(eventguid);
    if (meta.ended) this.handlers.delete(eventguid);
    const failed = (error: unknown): void =>
      this.log.error('delivery handler failed', { eventguid, position: meta.position, error });
    try {
      Promise.resolve(handler?.(delivery)).catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}
