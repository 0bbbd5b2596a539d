import {
  HubException,
  messagePackProtocol,
  SignalREndpoint,
  SignalRServer,
  type HubContext,
} from '@ringback/signalr';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

const PATH = '/hub';

/** The extended hub of a Ringback whose every word a spec decides. */
export class ForeignRingback {
  clusterId = 'there';
  /** Asked before `DescribeHub` is answered. */
  describing: Promise<void> = Promise.resolve();
  /** Every call but `DescribeHub`: method and arguments. */
  readonly calls: (readonly unknown[])[] = [];
  /** The query of each connection. */
  readonly queries: URLSearchParams[] = [];
  /** What a subscription is answered with. */
  reply: object = { ok: true, position: 'e:0' };
  /** What the next call fails with, by method. */
  readonly failures = new Map<string, string>();
  /** Called with each new connection. */
  onConnected: () => unknown = () => undefined;
  private readonly server = new SignalRServer({ protocols: [messagePackProtocol] });
  private readonly endpoint: SignalREndpoint;
  private readonly http: Server = createServer();
  private readonly sockets = new Set<Socket>();

  private constructor() {
    this.server.addHub(PATH, {
      methods: {
        DescribeHub: { args: 0, call: () => this.describe() },
        SubscribeToEvent: { args: 3, call: this.take('SubscribeToEvent') },
        UnsubscribeFromEvent: { args: 1, call: this.take('UnsubscribeFromEvent') },
        TriggerEvent: { args: 3, call: this.take('TriggerEvent') },
        Acknowledge: { args: 2, call: this.take('Acknowledge') },
      },
      onConnected: ({ opening }) => {
        this.queries.push(opening.query);
        return this.onConnected();
      },
    });
    const accept = (connection: Parameters<SignalRServer['accept']>[1]): void =>
      this.server.accept(PATH, connection);
    this.endpoint = new SignalREndpoint({ path: PATH, accept });
    this.endpoint.attach(this.http);
    this.http.on('connection', (socket) => this.sockets.add(socket));
  }

  static async start(): Promise<ForeignRingback> {
    const ringback = new ForeignRingback();
    ringback.http.listen(0, '127.0.0.1');
    await once(ringback.http, 'listening');
    return ringback;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  called(method: string): (readonly unknown[])[] {
    return this.calls.filter(([name]) => name === method).map(([, ...args]) => args);
  }

  async deliver(eventguid: string, data: string, meta: object): Promise<void> {
    await this.send('ReceiveEventWithMeta', eventguid, 'bridge', data, { time: 0, ...meta });
  }

  async send(method: string, ...args: unknown[]): Promise<void> {
    await this.server.hubAt(PATH)?.clients.all.send(method, ...args);
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }

  async close(): Promise<void> {
    await this.endpoint.close();
    await this.server.drain(0);
    this.http.closeAllConnections();
    this.http.close();
  }

  private async describe(): Promise<object> {
    await this.describing;
    return { ok: true, clusterId: this.clusterId };
  }

  private take(method: string): (context: HubContext, ...args: unknown[]) => object {
    return (_, ...args) => {
      this.calls.push([method, ...args]);
      const failure = this.failures.get(method);
      this.failures.delete(method);
      if (failure !== undefined) throw new HubException(failure);
      return this.reply;
    };
  }
}
