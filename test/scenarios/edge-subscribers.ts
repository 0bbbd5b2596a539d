import { HttpTransportType, HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { RingbackClient } from '@ringback/client';
import { waitFor } from '@ringback/conformance';
import { EventSource } from 'eventsource';
import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import type { Transport } from './signalr-client.js';

/** A client behind a proxy that subscribes to one event, and never comes back by itself unless it is the SDK. */
export abstract class EdgeSubscriber {
  /** Eventguid, cookie and data of each delivery. */
  readonly received: unknown[] = [];
  /** How often its connection has ended. */
  ends = 0;

  /** Whether it uses the transport that it was to end up with. */
  get hasArrived(): boolean {
    return true;
  }

  abstract open(eventguid: string, cookie: string): Promise<void>;
  abstract close(): unknown;
}

/** A polling client that may upgrade is given so long for it: a refusal comes at once, and is not told to it. */
const UPGRADE_WITHIN_MS = 2_000;

class SocketIoSubscriber extends EdgeSubscriber {
  private readonly socket: Socket;

  constructor(
    url: string,
    private readonly transports: readonly ('websocket' | 'polling')[],
  ) {
    super();
    const { origin, pathname } = new URL(url);
    const path = `${pathname.replace(/\/$/, '')}/socket.io`;
    this.socket = io(origin, { path, transports: [...transports], forceNew: true, reconnection: false });
    this.socket.on('ReceiveEvent', (...args: unknown[]) => this.received.push(args.slice(0, 3)));
    this.socket.on('disconnect', () => this.ends++);
  }

  override get hasArrived(): boolean {
    return this.socket.io.engine.transport.name === this.transports.at(-1);
  }

  async open(eventguid: string, cookie: string): Promise<void> {
    const events = this.socket as unknown as NodeJS.EventEmitter;
    const refused = once(events, 'connect_error').then(([error]) => Promise.reject(error as Error));
    await Promise.race([once(events, 'connect'), refused]);
    await this.socket.timeout(5_000).emitWithAck('SubscribeToEvent', eventguid, cookie);
    await waitFor(() => this.hasArrived, 'the upgrade', UPGRADE_WITHIN_MS).catch(() => 'it stays on polling');
  }

  close(): void {
    this.socket.disconnect();
  }
}

class SignalRSubscriber extends EdgeSubscriber {
  private readonly connection;

  constructor(url: string, transport: Transport) {
    super();
    this.connection = new HubConnectionBuilder()
      .withUrl(`${url}/RealtimeEventPushHub`, { transport: HttpTransportType[transport] })
      .configureLogging(LogLevel.None)
      .build();
    this.connection.on('ReceiveEvent', (...args: unknown[]) => this.received.push(args));
    this.connection.onclose(() => this.ends++);
  }

  async open(eventguid: string, cookie: string): Promise<void> {
    await this.connection.start();
    await this.connection.invoke('SubscribeToEvent', eventguid, cookie);
  }

  close(): Promise<void> {
    return this.connection.stop();
  }
}

/** It would come back by itself: the test ends it when its stream has ended. */
class EventSourceSubscriber extends EdgeSubscriber {
  private source: EventSource | undefined;

  constructor(private readonly url: string) {
    super();
  }

  async open(eventguid: string, cookie: string): Promise<void> {
    const query = new URLSearchParams([
      ['event', eventguid],
      ['cookie', cookie],
      ['format', 'envelope'],
    ]);
    const source = new EventSource(`${this.url}/v1/stream?${query.toString()}`);
    this.source = source;
    source.addEventListener('message', (message) => this.receive(String(message.data)));
    await new Promise<void>((resolve, reject) => {
      source.addEventListener('open', () => resolve());
      source.addEventListener('error', () => {
        this.ends++;
        source.close();
        reject(new Error('The stream has ended.'));
      });
    });
  }

  close(): void {
    this.source?.close();
  }

  private receive(text: string): void {
    const { eventguid, cookie, data } = JSON.parse(text) as Record<string, unknown>;
    this.received.push([eventguid, cookie, data]);
  }
}

class SdkSubscriber extends EdgeSubscriber {
  private readonly client: RingbackClient;

  constructor(url: string) {
    super();
    const onStatus = ({ state }: { readonly state: string }) =>
      void (state === 'reconnecting' && this.ends++);
    this.client = new RingbackClient({ url, timeoutMs: 2_000, onStatus });
  }

  async open(eventguid: string, cookie: string): Promise<void> {
    await this.client.connect();
    await this.client.subscribe(eventguid, cookie, (delivery) =>
      this.received.push([delivery.eventguid, delivery.cookie, delivery.data]),
    );
  }

  close(): void {
    this.client.close();
  }
}

/** Every client that holds a connection, as the table in docs/edge names them. */
export const SUBSCRIBERS: readonly (readonly [
  gateway: string,
  transport: string,
  create: (url: string) => EdgeSubscriber,
])[] = [
  ['Socket.IO', 'WebSocket', (url) => new SocketIoSubscriber(url, ['websocket'])],
  ['Socket.IO', 'polling', (url) => new SocketIoSubscriber(url, ['polling'])],
  ['Socket.IO', 'polling, then WebSocket', (url) => new SocketIoSubscriber(url, ['polling', 'websocket'])],
  ['SignalR', 'WebSockets', (url) => new SignalRSubscriber(url, 'WebSockets')],
  ['SignalR', 'ServerSentEvents', (url) => new SignalRSubscriber(url, 'ServerSentEvents')],
  ['SignalR', 'LongPolling', (url) => new SignalRSubscriber(url, 'LongPolling')],
  ['EventSource', 'stream', (url) => new EventSourceSubscriber(url)],
  ['SDK', 'WebSocket', (url) => new SdkSubscriber(url)],
];
