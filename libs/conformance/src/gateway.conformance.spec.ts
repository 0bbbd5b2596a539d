import {
  deliveryMeta,
  endsSubscription,
  formatPosition,
  HubError,
  parseData,
  parseEventGuid,
  parsePosition,
} from '@ringback/contract';
import type { Codec, Connection, Frame, Hub, Identity } from '@ringback/core';
import { randomUUID } from 'node:crypto';
import type {
  ClientDelivery,
  ClientSubscribed,
  ClientTriggered,
  ClientTriggerOptions,
  GatewayClient,
} from './gateway-harness.js';
import { describeGateway } from './gateway.conformance.js';

const IDENTITY: Identity = { name: 'in process' };

const CODEC: Codec = {
  name: 'in-process',
  encodeCookie: (cookie) => JSON.stringify(cookie),
  prepare(envelope, gap) {
    const { eventguid, data } = envelope;
    const text = typeof data === 'string' ? data : Buffer.from(data).toString('base64');
    const rest = JSON.stringify({ eventguid, data: text, ...deliveryMeta(envelope, gap) }).slice(1);
    return (cookie) => `{"cookie":${cookie},${rest}`;
  },
};

/** The write side: what it is handed has arrived, unless the client has stopped reading. */
class InProcessConnection implements Connection {
  readonly connectionId = randomUUID();
  readonly gateway = 'in-process';
  readonly codec = CODEC;
  readonly arrived: ClientDelivery[] = [];
  bufferedBytes = 0;
  closed = false;
  stalled = false;

  constructor(private readonly hub: Hub) {
    hub.connect(this, IDENTITY);
  }

  send(frames: readonly Frame[]): void {
    if (this.stalled) this.bufferedBytes += frames.reduce((sum, frame) => sum + frame.length, 0);
    else this.arrived.push(...frames.map((frame) => JSON.parse(frame) as ClientDelivery));
  }

  close(): void {
    this.closed = true;
    this.hub.disconnect(this.connectionId);
  }
}

/** The least that is a gateway: a client without a wire. It shows that the suite can be met. */
class InProcessClient implements GatewayClient {
  private readonly connection: InProcessConnection;
  private readonly connectionId: string;

  constructor(private readonly hub: Hub) {
    this.connection = new InProcessConnection(hub);
    this.connectionId = this.connection.connectionId;
  }

  get deliveries(): readonly ClientDelivery[] {
    return this.connection.arrived;
  }

  get closed(): boolean {
    return this.connection.closed;
  }

  async subscribe(
    eventguid: string,
    cookie: string,
    options?: { readonly after?: string },
  ): Promise<ClientSubscribed> {
    return this.answer(async () => {
      const event = parseEventGuid(eventguid);
      if (typeof cookie !== 'string') throw new HubError('bad-request');
      if (endsSubscription(cookie)) {
        await this.hub.unsubscribe(this.connectionId, event);
        return {};
      }
      const after = options?.after === undefined ? {} : { after: parsePosition(options.after) };
      const request = { eventguid: event, cookie, ...after };
      const { position, ...more } = await this.hub.subscribe(this.connectionId, request);
      return { position: formatPosition(position), ...more };
    });
  }

  async unsubscribe(eventguid: string): Promise<void> {
    await this.answer(() => this.hub.unsubscribe(this.connectionId, parseEventGuid(eventguid)));
  }

  async trigger(
    eventguid: string,
    data?: unknown,
    options: ClientTriggerOptions = {},
  ): Promise<ClientTriggered> {
    return this.answer(async () => {
      const trigger = { removeAfterSend: false, ...options };
      const published = await this.hub.trigger(IDENTITY, {
        ...trigger,
        eventguid: parseEventGuid(eventguid),
        data: parseData(data),
      });
      return { position: formatPosition(published.position), subscribers: published.subscribers };
    });
  }

  async close(): Promise<void> {
    this.destroy();
  }

  destroy(): void {
    this.connection.close();
  }

  stall(): void {
    this.connection.stalled = true;
  }

  private async answer<Reply>(command: () => Promise<Reply>): Promise<Reply> {
    try {
      return await command();
    } catch (error) {
      throw this.hub.failed(error);
    }
  }
}

describeGateway('A gateway without a wire', {
  capabilities: {
    positions: true,
    labels: true,
    recovery: true,
    changesCookie: true,
    unsubscribes: true,
    endsByCookie: true,
    triggers: true,
    triggerOptions: true,
    codes: true,
    untyped: true,
  },
  serve: async (hub) => ({
    connect: async () => new InProcessClient(hub),
    close: async () => {},
  }),
});
