import { Inject, Injectable } from '@nestjs/common';
import {
  formatPosition,
  parseData,
  parseEventGuid,
  parseTriggerOptions,
  type TriggerOptions,
} from '@ringback/contract';
import { KeyedQueue } from '@ringback/async';
import { APPLICATION, Hub, type Log } from '@ringback/core';
import { ConnectionRegistry } from '@ringback/gateway-kit';
import type { HubDeliveryHandler } from './delivery-handlers.js';
import { InProcessConnection } from './in-process.connection.js';
import { LOG } from './tokens.js';

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
 * process; what is to outlive it subscribes over a protocol, with a `subscriberId`. If an operator ends one of them, or closes the connection of the
 * application with all of them, the log says so, and the application may subscribe again.
 */
@Injectable()
export class HubClient {
  private readonly connections: ConnectionRegistry<InProcessConnection>;
  private readonly commands = new KeyedQueue<string>();
  private connection: InProcessConnection | undefined;

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

  /**
   * Resolves once the application is subscribed; a second call for one event changes cookie and handler for what comes from then on. As many events as the
   * application wants: the limit of a connection is for clients. Rejects with a `HubError`.
   */
  async subscribe(eventguid: string, cookie: string, handler: HubDeliveryHandler): Promise<void> {
    const parsed = parseEventGuid(eventguid);
    await this.commands.run(parsed, async () => {
      const { connectionId, handlers } = this.connect();
      handlers.add(parsed, cookie, handler);
      try {
        const { position } = await this.hub.subscribe(connectionId, { eventguid: parsed, cookie });
        handlers.confirm(parsed, position);
      } catch (error) {
        handlers.cancel(parsed);
        throw error;
      }
    });
  }

  /** Resolves to whether there was a subscription. Calls for one event are carried out in their order. */
  async unsubscribe(eventguid: string): Promise<boolean> {
    const parsed = parseEventGuid(eventguid);
    return this.commands.run(parsed, async () => {
      if (!this.connection?.open) return false;
      const { connectionId, handlers } = this.connection;
      const removed = await this.hub.unsubscribe(connectionId, parsed);
      handlers.remove(parsed);
      return removed;
    });
  }

  private connect(): InProcessConnection {
    if (this.connection?.open) return this.connection;
    const connection = new InProcessConnection(
      this.log,
      (error) => this.hub.failed(error),
      (connectionId) => this.disconnect(connectionId),
    );
    this.connections.open(connection, APPLICATION);
    this.connection = connection;
    return connection;
  }

  /** Not within the hub's turn. */
  private disconnect(connectionId: string): void {
    const session = this.connections.find(connectionId);
    if (session) queueMicrotask(() => this.connections.end(session));
  }
}
