import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import type {
  AcknowledgeReply,
  CloseReason,
  DeliveryMeta,
  ErrorReply,
  SubscribeReply,
} from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import type { Received } from '../support/test-client.js';

export interface NamedClientOptions {
  readonly subscriberId: string;
  readonly resume?: 'on-connect' | 'on-subscribe';
  /** Whether the stock client comes back by itself. */
  readonly reconnection?: boolean;
}

const ANSWER_WITHIN_MS = 15_000;
const RETURN_AFTER_MS = 50;

/** A named subscriber with the stock Socket.IO client, whose handlers are in place before it connects. */
export class NamedClient {
  readonly received: Received[] = [];
  readonly closeReasons: CloseReason[] = [];
  readonly disconnects: string[] = [];
  /** How often it was connected. */
  connections = 0;

  private constructor(readonly socket: Socket) {
    socket.on('connect', () => this.connections++);
    socket.on('disconnect', (reason) => this.disconnects.push(reason));
    socket.on('HubClose', (reason: CloseReason) => this.closeReasons.push(reason));
    socket.on('ReceiveEvent', (eventguid: string, cookie: string, data: string, meta: DeliveryMeta) => {
      this.received.push({ eventguid, cookie, data, meta });
    });
  }

  static async connect(url: string, options: NamedClientOptions): Promise<NamedClient> {
    const { reconnection = false, ...auth } = options;
    const socket = io(url, {
      transports: ['websocket'],
      forceNew: true,
      reconnection,
      reconnectionDelay: RETURN_AFTER_MS,
      auth,
    });
    const client = new NamedClient(socket);
    const emitter = socket as unknown as NodeJS.EventEmitter;
    await Promise.race([
      once(emitter, 'connect'),
      once(emitter, 'connect_error').then(([error]) => Promise.reject(error as Error)),
    ]);
    return client;
  }

  async subscribe(eventguid: string, cookie: string, options?: object): Promise<SubscribeReply> {
    const args = options ? [eventguid, cookie, options] : [eventguid, cookie];
    return this.ask<SubscribeReply>('SubscribeToEvent', args);
  }

  /** Once this resolves, the hub has noted it; it is stored a little later. */
  async acknowledge(eventguid: string, position: string): Promise<AcknowledgeReply> {
    return this.ask<AcknowledgeReply>('Acknowledge', [eventguid, position]);
  }

  of(eventguid: string): Received[] {
    return this.received.filter((received) => received.eventguid === eventguid);
  }

  data(eventguid: string): string[] {
    return this.of(eventguid).map(({ data }) => data);
  }

  /** Waits until so many deliveries of the event have come. */
  async hears(eventguid: string, count = 1): Promise<Received[]> {
    await waitFor(() => this.of(eventguid).length >= count, `${count} deliveries of ${eventguid}`, 15_000);
    return this.of(eventguid);
  }

  /** Ends the connection as a crash would: no goodbye on any layer above TCP. */
  destroy(): void {
    const { transport } = this.socket.io.engine as unknown as { transport: { ws: { terminate(): void } } };
    transport.ws.terminate();
  }

  close(): void {
    this.socket.disconnect();
  }

  private async ask<Reply>(method: string, args: readonly unknown[]): Promise<Reply> {
    const reply = (await this.socket.timeout(ANSWER_WITHIN_MS).emitWithAck(method, ...args)) as
      (Reply & { ok: true }) | ErrorReply;
    if (!reply.ok) throw new Error(JSON.stringify(reply));
    return reply;
  }
}

/** The named clients of one test, closed together. */
export class NamedClients {
  private readonly clients: NamedClient[] = [];

  async connect(url: string, options: NamedClientOptions): Promise<NamedClient> {
    const client = await NamedClient.connect(url, options);
    this.clients.push(client);
    return client;
  }

  close(): void {
    for (const client of this.clients.splice(0)) client.close();
  }
}
