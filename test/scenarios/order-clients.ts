import { EXTENDED_HUB, SignalRClient, type SignalRClientOptions } from './signalr-client.js';
import { io, type Socket } from 'socket.io-client';
import { once } from 'node:events';

/** One event as it came. */
export interface OrderDelivery {
  readonly eventguid: string;
  readonly cookie: string;
  readonly data: string;
}

/** A stock client whose calls go out at once, whether or not those before have been answered. */
export interface OrderClient {
  readonly deliveries: readonly OrderDelivery[];
  subscribe(eventguid: string, cookie: string): Promise<unknown>;
  unsubscribe(eventguid: string): Promise<unknown>;
  trigger(eventguid: string, data: string): Promise<unknown>;
  close(): Promise<void>;
}

export type ConnectOrderClient = (url: string) => Promise<OrderClient>;

class SocketIoOrderClient implements OrderClient {
  readonly deliveries: OrderDelivery[] = [];

  constructor(private readonly socket: Socket) {
    socket.on('ReceiveEvent', (eventguid: string, cookie: string, data: string) => {
      this.deliveries.push({ eventguid, cookie, data });
    });
  }

  subscribe(eventguid: string, cookie: string): Promise<unknown> {
    return this.call('SubscribeToEvent', eventguid, cookie);
  }

  unsubscribe(eventguid: string): Promise<unknown> {
    return this.call('UnsubscribeFromEvent', eventguid);
  }

  trigger(eventguid: string, data: string): Promise<unknown> {
    return this.call('TriggerEvent', eventguid, data);
  }

  close(): Promise<void> {
    this.socket.disconnect();
    return Promise.resolve();
  }

  private async call(method: string, ...args: readonly string[]): Promise<void> {
    const reply = (await this.socket.emitWithAck(method, ...args)) as { readonly ok: boolean };
    if (!reply.ok) throw new Error(`${method}: ${JSON.stringify(reply)}`);
  }
}

class SignalROrderClient implements OrderClient {
  constructor(
    private readonly client: SignalRClient,
    private readonly isExtended: boolean,
  ) {}

  get deliveries(): readonly OrderDelivery[] {
    return this.client.received.map(
      ([eventguid, cookie, data]) => ({ eventguid, cookie, data }) as OrderDelivery,
    );
  }

  subscribe(eventguid: string, cookie: string): Promise<unknown> {
    const { connection } = this.client;
    if (this.isExtended) return connection.invoke('SubscribeToEvent', eventguid, cookie, null);
    return connection.invoke('SubscribeToEvent', eventguid, cookie);
  }

  unsubscribe(eventguid: string): Promise<unknown> {
    const { connection } = this.client;
    if (this.isExtended) return connection.invoke('UnsubscribeFromEvent', eventguid);
    return connection.invoke('SubscribeToEvent', eventguid, '');
  }

  trigger(eventguid: string, data: string): Promise<unknown> {
    return this.client.connection.invoke('TriggerEvent', eventguid, data, this.isExtended ? null : false);
  }

  close(): Promise<void> {
    return this.client.connection.stop();
  }
}

function socketIo(transport: 'websocket' | 'polling'): ConnectOrderClient {
  return async (url) => {
    const socket = io(url, { transports: [transport], forceNew: true, reconnection: false });
    await once(socket as unknown as NodeJS.EventEmitter, 'connect');
    return new SocketIoOrderClient(socket);
  };
}

function signalR(options: Omit<SignalRClientOptions, 'url'>): ConnectOrderClient {
  return async (url) => {
    const client = await SignalRClient.connect({ url, ...options });
    return new SignalROrderClient(client, options.hub === EXTENDED_HUB);
  };
}

/** Every gateway with methods, over the transports that a stock client picks. */
export const ORDER_CLIENTS: readonly (readonly [name: string, connect: ConnectOrderClient])[] = [
  ['Socket.IO, WebSocket', socketIo('websocket')],
  ['Socket.IO, polling', socketIo('polling')],
  ['SignalR event hub, WebSockets', signalR({})],
  ['SignalR event hub, ServerSentEvents', signalR({ transport: 'ServerSentEvents' })],
  ['SignalR extended hub, WebSockets', signalR({ hub: EXTENDED_HUB })],
  ['SignalR extended hub, WebSockets, MessagePack', signalR({ hub: EXTENDED_HUB, protocol: 'messagepack' })],
  ['SignalR extended hub, LongPolling', signalR({ hub: EXTENDED_HUB, transport: 'LongPolling' })],
];
