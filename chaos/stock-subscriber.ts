import { io, type Socket } from 'socket.io-client';
import type { DeliveryMeta, ErrorReply, SubscribeReply } from '@ringback/contract';
import type { History } from './history.js';
import { RecordedSubscription, type Subscriber } from './subscriber.js';

const ANSWER_WITHIN_MS = 4_000;
const RECONNECT_AFTER_MS = 150;

/** A subscriber with the stock Socket.IO client: nothing between the hub and the history leaves out what came twice. */
export class StockSubscriber implements Subscriber {
  private readonly held = new Map<string, RecordedSubscription>();
  private readonly ended = new Map<string, RecordedSubscription>();
  private readonly socket: Socket;
  private connections = 0;
  private closed = false;

  constructor(
    readonly name: string,
    url: string,
    private readonly history: History,
  ) {
    this.socket = io(url, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      timeout: ANSWER_WITHIN_MS,
    });
    this.socket.on('connect', () => this.connected());
    this.socket.on('disconnect', () => this.reconnect());
    this.socket.on('connect_error', () => this.reconnect());
    this.socket.on('ReceiveEvent', (eventguid: string, cookie: string, data: string, meta: DeliveryMeta) =>
      this.received(eventguid, cookie, data, meta),
    );
    this.socket.on('SubscriptionEnded', (eventguid: string) => {
      const recorded = this.held.get(eventguid);
      if (recorded) this.again(recorded, 'ended without a delivery');
    });
  }

  subscribe(eventguid: string): void {
    const recorded = new RecordedSubscription(this.name, eventguid, this.history);
    this.held.set(eventguid, recorded);
    if (this.socket.connected) this.ask(recorded);
  }

  /** Ended by leaving the connection: the hub is to notice by itself. */
  renew(eventguid: string): void {
    const recorded = this.held.get(eventguid);
    if (!recorded || !this.socket.connected) return;
    recorded.end('left');
    this.held.set(eventguid, new RecordedSubscription(this.name, eventguid, this.history));
    this.socket.disconnect();
  }

  close(): void {
    this.closed = true;
    this.socket.disconnect();
  }

  private connected(): void {
    this.connections++;
    for (const recorded of this.held.values()) this.ask(recorded);
  }

  private reconnect(): void {
    if (this.closed) return;
    setTimeout(() => this.closed || this.socket.connect(), RECONNECT_AFTER_MS);
  }

  private ask(recorded: RecordedSubscription): void {
    const connection = this.connections;
    const isCurrent = (): boolean => connection === this.connections && this.socket.connected;
    const { eventguid, cookie, last: asked } = recorded;
    const after = asked === undefined ? [] : [{ after: asked }];
    this.socket
      .timeout(ANSWER_WITHIN_MS)
      .emitWithAck('SubscribeToEvent', eventguid, cookie, ...after)
      .then((reply: SubscribeReply | ErrorReply) => {
        if (!isCurrent()) return;
        if (reply.ok) answered(recorded, asked, reply);
        else this.socket.disconnect();
      })
      .catch(() => isCurrent() && this.socket.disconnect());
  }

  private received(eventguid: string, cookie: string, data: string, meta: DeliveryMeta): void {
    const ended = this.ended.get(cookie);
    const recorded = ended?.eventguid === eventguid ? ended : this.held.get(eventguid);
    if (!recorded) {
      this.history.add({ kind: 'noted', what: `${this.name} received ${eventguid} and never asked for it` });
      return;
    }
    if (meta.recovered === false) recorded.gap(recorded.last, meta.position);
    recorded.delivered({ data, cookie, ...meta });
    if (meta.ended === true && !recorded.over) this.again(recorded, 'one-shot');
  }

  private again(recorded: RecordedSubscription, why: string): void {
    recorded.end(why);
    this.ended.set(recorded.cookie, recorded);
    this.subscribe(recorded.eventguid);
  }
}

function answered(recorded: RecordedSubscription, asked: string | undefined, reply: SubscribeReply): void {
  if (reply.recovered === false) recorded.gap(asked, reply.position);
  if (recorded.last === asked && reply.recovered !== true) recorded.last = reply.position;
  recorded.subscribed(asked ?? reply.position);
}
