import {
  deliveryMeta,
  formatPosition,
  HubError,
  parseData,
  parseEventGuid,
  parsePosition,
  parseSubscriberId,
  parseWait,
  type CloseReason,
} from '@ringback/contract';
import type { Codec, Connection, Frame, Hub, Identity } from '@ringback/core';
import { CommandQueue, InboundControl, type CommandOrder, type InboundQueue } from '@ringback/gateway-kit';
import { randomUUID } from 'node:crypto';
import type {
  ClientDelivery,
  ClientIdentity,
  ClientPresence,
  ClientSubscribeOptions,
  ClientSubscribed,
  ClientTriggered,
  ClientTriggerOptions,
  GatewayClient,
} from './gateway-harness.js';
import { describeGateway } from './gateway.conformance.js';

const BARRIER: CommandOrder = { kind: 'barrier' };

const CODEC: Codec = {
  name: 'in-process',
  encodeCookie: (cookie) => JSON.stringify(cookie),
  prepare(envelope, gap) {
    const { eventguid, data } = envelope;
    const text = typeof data === 'string' ? data : Buffer.from(data).toString('base64');
    const rest = JSON.stringify({ eventguid, data: text, ...deliveryMeta(envelope, gap) }).slice(1);
    return (cookie) => `{"cookie":${cookie},${rest}`;
  },
  encodePresence: (eventguid, presence) => JSON.stringify({ eventguid, presence }),
};

/** The write side: what it is handed has arrived, unless the client has stopped reading. */
class InProcessConnection implements Connection {
  readonly connectionId = randomUUID();
  readonly gateway = 'in-process';
  readonly codec = CODEC;
  readonly arrived: ClientDelivery[] = [];
  readonly presences: ClientPresence[] = [];
  closedFor: string | undefined;
  bufferedBytes = 0;
  closed = false;
  stalled = false;

  constructor(
    private readonly hub: Hub,
    identity: Identity,
    subscriberId: string | undefined,
  ) {
    const session = subscriberId !== undefined && {
      subscriberId: parseSubscriberId(subscriberId),
      resume: 'on-connect' as const,
    };
    hub.connect(this, identity, session || undefined);
  }

  send(frames: readonly Frame[]): void {
    if (this.stalled) this.bufferedBytes += frames.reduce((sum, frame) => sum + frame.length, 0);
    else frames.forEach((frame) => this.receive(JSON.parse(frame) as ClientDelivery | ClientPresence));
  }

  close(reason?: CloseReason): void {
    this.closed = true;
    this.closedFor ??= reason?.name;
    this.hub.disconnect(this.connectionId);
  }

  /** Nothing of a client without a wire waits anywhere but in its queue. */
  pause(): void {}
  resume(): void {}

  private receive(message: ClientDelivery | ClientPresence): void {
    if ('presence' in message) this.presences.push(message);
    else this.arrived.push(message);
  }
}

/** The least that is a gateway: a client without a wire. It shows that the suite can be met. */
class InProcessClient implements GatewayClient {
  private readonly connection: InProcessConnection;
  private readonly connectionId: string;
  private readonly queue = new CommandQueue();
  private readonly inbound: InboundQueue;

  private constructor(
    private readonly hub: Hub,
    private readonly identity: Identity,
    subscriberId: string | undefined,
  ) {
    this.connection = new InProcessConnection(hub, identity, subscriberId);
    this.connectionId = this.connection.connectionId;
    this.inbound = InboundControl.of(hub).open(this.connection);
    this.inbound.onTooMuch((reason) => this.connection.close(reason));
  }

  static async connect(hub: Hub, { subscriberId, token }: ClientIdentity = {}): Promise<InProcessClient> {
    return new InProcessClient(
      hub,
      await hub.authenticate(token === undefined ? {} : { token }),
      subscriberId,
    );
  }

  get deliveries(): readonly ClientDelivery[] {
    return this.connection.arrived;
  }

  get closed(): boolean {
    return this.connection.closed;
  }

  get presences(): readonly ClientPresence[] {
    return this.connection.presences;
  }

  get closedFor(): string | undefined {
    return this.connection.closedFor;
  }

  async subscribe(
    eventguid: string,
    cookie: string,
    options: ClientSubscribeOptions = {},
  ): Promise<ClientSubscribed> {
    return this.answer(BARRIER, async () => {
      const event = parseEventGuid(eventguid);
      if (typeof cookie !== 'string') throw new HubError('bad-request');
      if (/^(endsubscription)?$/i.test(cookie.trim())) {
        await this.hub.unsubscribe(this.connectionId, event);
        return {};
      }
      const after = options.after === undefined ? {} : { after: parsePosition(options.after) };
      const presence = options.presence ? { presence: true as const } : {};
      const request = { eventguid: event, cookie, ...after, ...presence };
      const { position, recovered, ended } = await this.hub.subscribe(this.connectionId, request);
      return {
        position: formatPosition(position),
        ...(recovered !== undefined && { recovered }),
        ...(ended !== undefined && { ended }),
      };
    });
  }

  async unsubscribe(eventguid: string): Promise<void> {
    await this.answer(BARRIER, () => this.hub.unsubscribe(this.connectionId, parseEventGuid(eventguid)));
  }

  async trigger(
    eventguid: string,
    data?: unknown,
    { wait, timeoutMs, ...options }: ClientTriggerOptions = {},
  ): Promise<ClientTriggered> {
    return this.answer({ kind: 'trigger', shard: 'memory' }, async () => {
      const waitMs = parseWait(wait, timeoutMs);
      const more = { removeAfterSend: false, ...options };
      const trigger = { ...more, eventguid: parseEventGuid(eventguid), data: parseData(data) };
      const waiting = waitMs === undefined ? {} : { waitMs };
      const { position, receipt, ...rest } = await this.hub.trigger(this.identity, trigger, waiting);
      return { position: formatPosition(position), ...rest, ...(receipt && { receipt: await receipt }) };
    });
  }

  async acknowledge(eventguid: string, position: string): Promise<void> {
    await this.answer(BARRIER, async () => {
      const event = parseEventGuid(eventguid);
      await this.hub.acknowledge(this.connectionId, event, parsePosition(position));
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

  private answer<Reply>(order: CommandOrder, command: () => Promise<Reply>): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.inbound.add(1, () => void this.run(order, command).then(resolve, reject));
    });
  }

  private async run<Reply>(order: CommandOrder, command: () => Promise<Reply>): Promise<Reply> {
    this.inbound.begin();
    let refusal: HubError | undefined;
    try {
      return await this.queue.run(order, command);
    } catch (error) {
      refusal = this.hub.failed(error);
      throw refusal;
    } finally {
      this.inbound.end(refusal?.code);
    }
  }
}

describeGateway('A gateway without a wire', {
  capabilities: {
    positions: true,
    labels: true,
    recovery: true,
    subscribesAnyTime: true,
    cookies: true,
    changesCookie: true,
    unsubscribes: true,
    endsByCookie: true,
    triggers: true,
    triggerOptions: true,
    codes: true,
    named: true,
    receipts: true,
    presence: true,
    untyped: true,
  },
  serve: async (hub) => ({
    connect: (identity) => InProcessClient.connect(hub, identity),
    close: async () => {},
  }),
});
