import { io, type Socket } from 'socket.io-client';
import {
  parsePosition,
  type AcknowledgeReply,
  type CloseReason,
  type DeliveryMeta,
  type ErrorReply,
  type SubscribeReply,
} from '@ringback/contract';
import type { History } from './history.js';
import type { NamedRecord } from './named-record.js';

const ANSWER_WITHIN_MS = 4_000;

export type ResumeMode = 'on-connect' | 'on-subscribe';

/** What its subscriber hears of a connection. */
export interface NamedConnectionEvents {
  connected(connection: NamedConnection): void;
  received(connection: NamedConnection, eventguid: string, position: string): void;
  lost(connection: NamedConnection): void;
}

/** One connection of a named subscriber, with the stock client, and all that belongs to it: what a crash forgets. */
export class NamedConnection {
  private static made = 0;

  readonly number = ++NamedConnection.made;
  /** Events for which a cookie was left on it. */
  readonly asked = new Set<string>();
  /** Those of them that were not answered yet. */
  readonly asking = new Set<string>();
  private readonly acknowledged = new Map<string, string>();
  private readonly socket: Socket;
  private over = false;
  private static acknowledgements = 0;

  constructor(
    url: string,
    resume: ResumeMode,
    private readonly record: NamedRecord,
    private readonly history: History,
    private readonly events: NamedConnectionEvents,
  ) {
    this.history.add({ kind: 'connecting', ...this.names, resume });
    this.socket = io(url, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      timeout: ANSWER_WITHIN_MS,
      auth: { subscriberId: record.subscriber, resume },
    });
    this.listen();
  }

  get connected(): boolean {
    return !this.over && this.socket.connected;
  }

  /** Leaves a new cookie. Whoever gets no answer has lost the connection. */
  ask(eventguid: string): void {
    const { subscription, cookie } = this.record.asks(eventguid, this.number);
    this.asked.add(eventguid);
    this.asking.add(eventguid);
    this.call<SubscribeReply>('SubscribeToEvent', eventguid, cookie)
      .then((reply) => {
        if (this.over) return;
        this.asking.delete(eventguid);
        if (!reply.ok) return this.end(reply.code);
        this.record.subscribed(subscription, eventguid, this.number, reply);
        this.events.connected(this);
      })
      .catch(() => this.end('no answer'));
  }

  /** Nothing where a later position was acknowledged on this connection. */
  acknowledge(eventguid: string, position: string): void {
    const before = this.acknowledged.get(eventguid);
    if (!this.connected || (before && parsePosition(before).offset >= parsePosition(position).offset)) return;
    this.acknowledged.set(eventguid, position);
    const acknowledgement = ++NamedConnection.acknowledgements;
    this.history.add({ kind: 'acknowledging', ...this.names, acknowledgement, eventguid, position });
    this.call<AcknowledgeReply>('Acknowledge', eventguid, position)
      .then((reply) => {
        if (reply.ok) this.history.add({ kind: 'acknowledged', acknowledgement });
        else this.refused(acknowledgement, reply.code);
      })
      .catch(() => this.refused(acknowledgement, 'no answer'));
  }

  /** Throws the socket away without a word. */
  crash(): void {
    const engine = this.socket.io.engine as { transport?: { ws?: { terminate?(): void } } } | undefined;
    this.finish('crashed');
    engine?.transport?.ws?.terminate?.();
    this.socket.disconnect();
  }

  /** Ends it in order. */
  end(why: string): void {
    if (this.over) return;
    this.finish(why);
    this.socket.disconnect();
    this.events.lost(this);
  }

  private get names(): { subscriber: string; connection: number } {
    return { subscriber: this.record.subscriber, connection: this.number };
  }

  private listen(): void {
    this.socket.on('connect', () => {
      const [nodeId = ''] = this.socket.io.engine.id.split('.');
      this.history.add({ kind: 'connected', ...this.names, nodeId });
      this.events.connected(this);
    });
    this.socket.on('disconnect', (why) => this.end(why));
    this.socket.on('connect_error', (error) => this.end(error.message));
    this.socket.on('HubClose', ({ name }: CloseReason) => {
      if (name === 'session-taken-over') this.history.add({ kind: 'replaced', ...this.names });
    });
    this.socket.on('SubscriptionEnded', (eventguid: string) => {
      this.record.ended(eventguid, this.number);
      this.events.connected(this);
    });
    this.socket.on('ReceiveEvent', (eventguid: string, cookie: string, data: string, meta: DeliveryMeta) => {
      this.record.received(this.number, eventguid, cookie, data, meta);
      this.events.received(this, eventguid, meta.position);
    });
  }

  private refused(acknowledgement: number, code: string): void {
    this.history.add({ kind: 'not-acknowledged', acknowledgement, code });
    this.end(code);
  }

  private finish(why: string): void {
    this.over = true;
    this.socket.removeAllListeners();
    this.history.add({ kind: 'disconnected', ...this.names, why });
  }

  private call<Reply>(method: string, ...args: readonly string[]): Promise<Reply | ErrorReply> {
    return this.socket.timeout(ANSWER_WITHIN_MS).emitWithAck(method, ...args) as Promise<Reply | ErrorReply>;
  }
}
