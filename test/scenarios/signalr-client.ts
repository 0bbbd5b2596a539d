import {
  HttpTransportType,
  HubConnectionBuilder,
  HubConnectionState,
  JsonHubProtocol,
  LogLevel,
  type HubConnection,
} from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import type { AcknowledgeReply, CloseReason, SubscribeReply, TriggerReply } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';

export type Transport = 'WebSockets' | 'ServerSentEvents' | 'LongPolling';
export type Protocol = 'json' | 'messagepack';

/** Every transport with every protocol: Server-Sent Events carry text only. */
export const WAYS = [
  ['WebSockets', 'json'],
  ['WebSockets', 'messagepack'],
  ['ServerSentEvents', 'json'],
  ['LongPolling', 'json'],
  ['LongPolling', 'messagepack'],
] as const satisfies readonly (readonly [Transport, Protocol])[];

export const EVENT_HUB = '/RealtimeEventPushHub';
export const EXTENDED_HUB = '/hub';

export interface SignalRClientOptions {
  readonly url: string;
  /** Path and query; the event hub if absent. */
  readonly hub?: string;
  readonly transport?: Transport;
  readonly protocol?: Protocol;
  readonly skipNegotiation?: boolean;
  /** Whether the stock client comes back by itself, for as long as it takes. */
  readonly reconnects?: boolean;
  /** Whether it asks for stateful reconnect. */
  readonly stateful?: boolean;
}

/** Busy machines, and whatever follows a kill, take longer than the usual deadline. */
export const WITHIN_MS = 15_000;
const RETURN_AFTER_MS = 50;

/** What is used of the client's WebSocket, beyond its published types. */
interface ClientSocket {
  readonly _socket?: { pause(): void; destroy(): void };
}

/** The stock SignalR client, with the arguments of each delivery as they came. */
export class SignalRClient {
  readonly received: (readonly unknown[])[] = [];
  readonly closeReasons: CloseReason[] = [];
  /** How often it came back as another connection. */
  reconnections = 0;
  closed = false;
  private readonly extended: boolean;

  private constructor(
    readonly connection: HubConnection,
    { hub = EVENT_HUB }: SignalRClientOptions,
  ) {
    this.extended = hub.startsWith(EXTENDED_HUB);
    this.onDelivery((args) => this.received.push(args));
    connection.on('HubClose', (reason: CloseReason) => this.closeReasons.push(reason));
    connection.onreconnected(() => this.reconnections++);
    connection.onclose(() => (this.closed = true));
  }

  /** Resolves once it is connected. */
  static async connect(options: SignalRClientOptions): Promise<SignalRClient> {
    const client = new SignalRClient(build(options), options);
    await client.connection.start();
    return client;
  }

  get isConnected(): boolean {
    return this.connection.state === HubConnectionState.Connected;
  }

  /** The answer is that of the extended hub: the event hub has none. */
  subscribe(eventguid: string, cookie: string | null, options?: object): Promise<SubscribeReply> {
    const more = this.extended ? [options ?? null] : [];
    return this.connection.invoke<SubscribeReply>('SubscribeToEvent', eventguid, cookie, ...more);
  }

  trigger(eventguid: string, data?: string, options?: object): Promise<TriggerReply> {
    const last = this.extended ? (options ?? null) : false;
    return this.connection.invoke<TriggerReply>('TriggerEvent', eventguid, data ?? null, last);
  }

  acknowledge(eventguid: string, position: string): Promise<AcknowledgeReply> {
    return this.connection.invoke<AcknowledgeReply>('Acknowledge', eventguid, position);
  }

  /** Called with the arguments of each delivery. */
  onDelivery(listener: (args: readonly unknown[]) => void): void {
    const name = this.extended ? 'ReceiveEventWithMeta' : 'ReceiveEvent';
    this.connection.on(name, (...args: unknown[]) => listener(args));
  }

  /** Each delivery of the event: its arguments. */
  of(eventguid: string): (readonly unknown[])[] {
    return this.received.filter(([guid]) => guid === eventguid);
  }

  data(eventguid: string): unknown[] {
    return this.of(eventguid).map(([, , data]) => data);
  }

  /** Of the deliveries of the event; those of the event hub have none. */
  positions(eventguid: string): string[] {
    return this.of(eventguid).map(([, , , meta]) => (meta as { readonly position: string }).position);
  }

  /** Waits until so many deliveries of the event have come. */
  async hears(eventguid: string, count = 1): Promise<(readonly unknown[])[]> {
    await waitFor(() => this.of(eventguid).length >= count, `${count} deliveries of ${eventguid}`, WITHIN_MS);
    return this.of(eventguid);
  }

  /** Ends a WebSocket as a crash would: no goodbye on any layer above TCP. */
  destroy(): void {
    this.socket()?.destroy();
  }

  /** Reads nothing any more from its WebSocket. */
  stall(): void {
    this.socket()?.pause();
  }

  async close(): Promise<void> {
    await this.connection.stop();
  }

  private socket(): ClientSocket['_socket'] {
    const { connection } = this.connection as unknown as {
      readonly connection: { readonly transport?: { readonly _webSocket?: ClientSocket } };
    };
    return connection.transport?._webSocket?._socket;
  }
}

/** The clients of one test, closed together. */
export class SignalRClients {
  private readonly clients: SignalRClient[] = [];

  async connect(options: SignalRClientOptions): Promise<SignalRClient> {
    const client = await SignalRClient.connect(options);
    this.clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.splice(0).map((client) => client.close()));
  }
}

function build(options: SignalRClientOptions): HubConnection {
  const { url, hub = EVENT_HUB, transport = 'WebSockets', protocol = 'json' } = options;
  const { skipNegotiation = false, reconnects = false, stateful = false } = options;
  const builder = new HubConnectionBuilder()
    .withUrl(url + hub, { transport: HttpTransportType[transport], skipNegotiation })
    .withHubProtocol(protocol === 'json' ? new JsonHubProtocol() : new MessagePackHubProtocol())
    .configureLogging(LogLevel.None);
  if (reconnects) builder.withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => RETURN_AFTER_MS });
  if (stateful) builder.withStatefulReconnect();
  return builder.build();
}
