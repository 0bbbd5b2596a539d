import { io } from 'socket.io-client';
import type { DeliveryMeta, SubscribeReply } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import { SignalRClient, EVENT_HUB, EXTENDED_HUB, type Transport } from '../scenarios/signalr-client.js';
import { StockMember } from './stock-member.js';

interface SocketIoOptions {
  /** The client's own if absent. */
  readonly transports?: ('websocket' | 'polling')[];
  /** Whether it subscribes again with its last position. */
  readonly continues?: boolean;
}

const RETURN_WITHIN_MS = 20_000;

/** Stock clients, which subscribe again whenever they have come back. */
export class StockCrowd {
  readonly members: StockMember[] = [];

  constructor(
    private readonly url: string,
    private readonly eventguid: string,
  ) {}

  async socketIo(count: number, options: SocketIoOptions = {}): Promise<void> {
    for (let index = 0; index < count; index++) this.members.push(this.socketIoMember(options));
    await this.allSubscribed();
  }

  async signalR(count: number, transport: Transport = 'WebSockets'): Promise<void> {
    for (let index = 0; index < count; index++) {
      const hub = index % 2 === 0 ? EVENT_HUB : EXTENDED_HUB;
      this.members.push(await this.signalRMember(hub, transport));
    }
    await this.allSubscribed();
  }

  /** Ends without a word, of all clients. */
  get silent(): string[] {
    return this.members.flatMap(({ kind, silent }) => silent.map((why) => `${kind}: ${why}`));
  }

  /** How often the client was sent away that was sent away most often. */
  get mostEnds(): number {
    return Math.max(...this.members.map(({ ends }) => ends));
  }

  get ends(): number {
    return this.members.reduce((sum, { ends }) => sum + ends, 0);
  }

  allSubscribed(): Promise<unknown> {
    return waitFor(() => this.members.every(({ isBack }) => isBack), 'all back', RETURN_WITHIN_MS);
  }

  /** Resolves once each has received this data. */
  allReceive(data: string): Promise<unknown> {
    return waitFor(() => this.members.every((member) => member.has(data)), `${data} everywhere`);
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.close()));
  }

  private socketIoMember({ transports, continues = false }: SocketIoOptions): StockMember {
    const kind = `socket.io ${transports?.join() ?? 'by default'}${continues ? ', after' : ''}`;
    const returns = { reconnectionDelay: 50, reconnectionDelayMax: 500 };
    const socket = io(this.url, { forceNew: true, ...returns, ...(transports && { transports }) });
    const member = new StockMember(kind, () => socket.disconnect(), continues);
    let after: string | undefined;
    socket.on('connect', () => {
      const subscribed = socket
        .timeout(RETURN_WITHIN_MS)
        .emitWithAck('SubscribeToEvent', this.eventguid, kind, ...(continues && after ? [{ after }] : []));
      subscribed.then(
        (reply: SubscribeReply) => {
          after ??= reply.position;
          if (socket.connected) member.subscribed();
        },
        () => undefined, // it has ended before the reply
      );
    });
    socket.on('ReceiveEvent', (_guid: string, _cookie: string, data: string, meta: DeliveryMeta) => {
      after = meta.position;
      member.hear(data);
    });
    socket.on('HubClose', () => member.sentAway());
    socket.on('disconnect', (reason, details) => {
      if (reason !== 'io client disconnect') member.left(`${reason} ${JSON.stringify(details)}`);
    });
    return member;
  }

  private async signalRMember(hub: string, transport: Transport): Promise<StockMember> {
    const client = await SignalRClient.connect({ url: this.url, hub, transport, reconnects: true });
    const member = new StockMember(`signalr ${transport}`, () => client.close());
    const subscribe = async (): Promise<void> => {
      await client.subscribe(this.eventguid, hub);
      member.subscribed();
    };
    // Only a close that the hub announces, and lets the client come back from, has no error.
    client.connection.onreconnecting((error) => {
      if (!error) member.sentAway();
      member.left(error?.message);
    });
    client.connection.onreconnected(() => void subscribe().catch(() => undefined)); // it ends again, and comes back
    client.onDelivery(([, , data]) => member.hear(data as string));
    await subscribe();
    return member;
  }
}
