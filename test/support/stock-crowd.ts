import { io } from 'socket.io-client';
import { waitFor } from '@ringback/conformance';
import { SignalRClient, EVENT_HUB, EXTENDED_HUB } from '../scenarios/signalr-client.js';

/** One stock client that comes back by itself: how its connections ended, and what it has received. */
interface Member {
  readonly name: string;
  /** Ends that the hub had announced on that connection. */
  told: number;
  /** Why the others ended. */
  readonly silent: string[];
  readonly received: string[];
  isSubscribed: boolean;
  close(): unknown;
}

const RETURN_WITHIN_MS = 20_000;

/** Stock clients with their default transports, which subscribe again whenever they have come back. */
export class StockCrowd {
  private readonly members: Member[] = [];

  constructor(
    private readonly url: string,
    private readonly eventguid: string,
  ) {}

  async socketIo(count: number): Promise<void> {
    for (let index = 0; index < count; index++) this.members.push(this.socketIoMember(`socket.io ${index}`));
    await this.allSubscribed();
  }

  async signalR(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      const hub = index % 2 === 0 ? EVENT_HUB : EXTENDED_HUB;
      this.members.push(await this.signalRMember(`signalr ${hub} ${index}`, hub));
    }
    await this.allSubscribed();
  }

  /** Ends without a word, of all clients. */
  get silent(): string[] {
    return this.members.flatMap(({ name, silent }) => silent.map((why) => `${name}: ${why}`));
  }

  /** How often the client was sent away that was sent away most often. */
  get mostEnds(): number {
    return Math.max(...this.members.map(({ told, silent }) => told + silent.length));
  }

  get ends(): number {
    return this.members.reduce((sum, { told, silent }) => sum + told + silent.length, 0);
  }

  allSubscribed(): Promise<unknown> {
    return waitFor(
      () => this.members.every(({ isSubscribed }) => isSubscribed),
      'all back',
      RETURN_WITHIN_MS,
    );
  }

  /** Resolves once each has received this data. */
  allReceive(data: string): Promise<unknown> {
    return waitFor(() => this.members.every(({ received }) => received.includes(data)), `${data} everywhere`);
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.close()));
  }

  private socketIoMember(name: string): Member {
    const socket = io(this.url, { forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 500 });
    const member = memberOf(name, () => socket.disconnect());
    let isTold = false;
    socket.on('connect', () => {
      isTold = false;
      const subscribed = socket
        .timeout(RETURN_WITHIN_MS)
        .emitWithAck('SubscribeToEvent', this.eventguid, name);
      subscribed.then(
        () => (member.isSubscribed = socket.connected),
        () => undefined, // it has ended before the reply
      );
    });
    socket.on('ReceiveEvent', (_guid: string, _cookie: string, data: string) => member.received.push(data));
    socket.on('HubClose', () => (isTold = true));
    socket.on('disconnect', (reason, details) => {
      if (reason === 'io client disconnect') return;
      member.isSubscribed = false;
      if (isTold) member.told++;
      else member.silent.push(`${reason} ${JSON.stringify(details)}`);
    });
    return member;
  }

  private async signalRMember(name: string, hub: string): Promise<Member> {
    const client = await SignalRClient.connect({ url: this.url, hub, reconnects: true });
    const member = memberOf(name, () => client.close());
    const subscribe = async (): Promise<void> => {
      await client.subscribe(this.eventguid, name);
      member.isSubscribed = true;
    };
    client.connection.onreconnecting((error) => {
      member.isSubscribed = false;
      // Only a close that the hub announces, and lets the client come back from, has no error.
      if (error) member.silent.push(error.message);
      else member.told++;
    });
    client.connection.onreconnected(() => void subscribe().catch(() => undefined)); // it ends again, and comes back
    client.onDelivery(([, , data]) => void member.received.push(data as string));
    await subscribe();
    return member;
  }
}

function memberOf(name: string, close: () => unknown): Member {
  return { name, told: 0, silent: [], received: [], isSubscribed: false, close };
}
