import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import type { DeliveryMeta, ErrorReply, SubscribeReply, TriggerReply } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';

export interface Received {
  readonly eventguid: string;
  readonly cookie: string;
  readonly data: string;
  readonly meta: DeliveryMeta;
}

/** The stock Socket.IO client, with what it received. */
export class TestClient {
  readonly received: Received[] = [];
  readonly errors: ErrorReply[] = [];

  private constructor(readonly socket: Socket) {
    socket.on('ReceiveEvent', (eventguid: string, cookie: string, data: string, meta: DeliveryMeta) => {
      this.received.push({ eventguid, cookie, data, meta });
    });
    socket.on('HubError', (error: ErrorReply) => this.errors.push(error));
  }

  static async connect(url: string): Promise<TestClient> {
    const socket = io(url, { transports: ['websocket'], forceNew: true, reconnection: false });
    const client = new TestClient(socket);
    await Promise.race([
      once(socket as unknown as NodeJS.EventEmitter, 'connect'),
      once(socket as unknown as NodeJS.EventEmitter, 'connect_error').then(([error]) =>
        Promise.reject(error as Error),
      ),
    ]);
    return client;
  }

  /** Calls a method with an acknowledgement, whatever the arguments. */
  call(method: string, ...args: unknown[]): Promise<SubscribeReply | TriggerReply | ErrorReply> {
    return this.socket.timeout(15_000).emitWithAck(method, ...args) as Promise<
      SubscribeReply | TriggerReply | ErrorReply
    >;
  }

  async subscribe(eventguid: string, cookie: string): Promise<SubscribeReply> {
    return accepted(await this.call('SubscribeToEvent', eventguid, cookie));
  }

  async trigger(eventguid: string, ...rest: unknown[]): Promise<TriggerReply> {
    return accepted(await this.call('TriggerEvent', eventguid, ...rest)) as TriggerReply;
  }

  of(eventguid: string): Received[] {
    return this.received.filter((received) => received.eventguid === eventguid);
  }

  /** Waits until so many deliveries of the event have come. */
  async hears(eventguid: string, count = 1): Promise<Received[]> {
    await waitFor(() => this.of(eventguid).length >= count);
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
}

function accepted(reply: SubscribeReply | TriggerReply | ErrorReply): SubscribeReply | TriggerReply {
  if (!reply.ok) throw new Error(JSON.stringify(reply));
  return reply;
}
