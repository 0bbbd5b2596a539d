import {
  AccessDenied,
  HubException,
  jsonProtocol,
  SignalREndpoint,
  SignalRServer,
  type HubContext,
} from '@ringback/signalr';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const PATH = '/RealtimeEventPushHub';

/** One trigger as it arrived. */
export interface ArrivedTrigger {
  readonly eventguid: string;
  readonly data: string;
  readonly removeAfterSend: boolean;
}

/** A three-string event hub that is not ours, as an MDrivenServer has it: nothing kept, no identity, no origin. For specs. */
export class ForeignEventHub {
  /** Who may come in; absent for everybody. */
  token: string | undefined;
  /** Events whose subscriptions are refused. */
  readonly refused = new Set<string>();
  /** Triggers are taken once this has resolved. */
  taking: Promise<void> = Promise.resolve();
  /** What was triggered over the wire, in order. */
  readonly triggers: ArrivedTrigger[] = [];
  /** Every `SubscribeToEvent`, in order. */
  readonly calls: (readonly [eventguid: string, cookie: string])[] = [];
  private readonly cookies = new Map<string, Map<string, string>>();
  private http: Server | undefined;
  private endpoint: SignalREndpoint | undefined;
  private server: SignalRServer | undefined;
  private port = 0;

  static async start(): Promise<ForeignEventHub> {
    const hub = new ForeignEventHub();
    await hub.listen();
    return hub;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get connections(): number {
    return this.cookies.size;
  }

  /** Everybody who is subscribed to the event, by cookie. */
  subscribers(eventguid: string): string[] {
    return [...this.cookies.values()].flatMap((cookies) => cookies.get(eventguid) ?? []);
  }

  /** Serves at the same place as before, if there was one. */
  async listen(): Promise<void> {
    const server = new SignalRServer({ protocols: [jsonProtocol], keepAliveIntervalMs: 500 });
    server.addHub(PATH, {
      methods: {
        SubscribeToEvent: { args: 2, call: this.subscribe.bind(this) },
        TriggerEvent: { args: 3, call: this.take.bind(this) },
      },
      onConnected: ({ connectionId }) => this.cookies.set(connectionId, new Map()),
      onDisconnected: ({ connectionId }) => this.cookies.delete(connectionId),
    });
    this.server = server;
    this.endpoint = new SignalREndpoint({
      path: PATH,
      accept: (connection) => server.accept(PATH, connection),
      authenticate: async ({ headers }) => {
        if (this.token !== undefined && headers['authorization'] !== `Bearer ${this.token}`) {
          throw new AccessDenied(401);
        }
      },
    });
    this.http = createServer();
    this.endpoint.attach(this.http);
    this.http.listen(this.port, '127.0.0.1');
    await once(this.http, 'listening');
    this.port = (this.http.address() as AddressInfo).port;
  }

  /** Triggers the event for all who are subscribed. */
  async trigger(eventguid: string, data = '', removeAfterSend = false): Promise<void> {
    for (const [connectionId, cookies] of this.cookies) {
      const cookie = cookies.get(eventguid);
      if (cookie === undefined) continue;
      if (removeAfterSend) cookies.delete(eventguid);
      const client = this.server?.hubAt(PATH)?.clients.client(connectionId);
      await client?.send('ReceiveEvent', eventguid, cookie, data);
    }
  }

  /** Sends a delivery to every connection, subscribed or not. */
  async force(eventguid: string, data: string): Promise<void> {
    await this.server?.hubAt(PATH)?.clients.all.send('ReceiveEvent', eventguid, 'cookie', data);
  }

  async close(): Promise<void> {
    await this.endpoint?.close();
    await this.server?.drain(0);
    this.http?.closeAllConnections();
    this.http?.close();
    this.cookies.clear();
  }

  private subscribe({ connectionId }: HubContext, eventguid: string, cookie: string): void {
    this.calls.push([eventguid, cookie]);
    if (this.refused.has(eventguid)) throw new HubException('no');
    if (cookie === 'endsubscription') this.cookies.get(connectionId)?.delete(eventguid);
    else this.cookies.get(connectionId)?.set(eventguid, cookie);
  }

  private async take(
    _: HubContext,
    eventguid: string,
    data: string,
    removeAfterSend: boolean,
  ): Promise<void> {
    if (this.refused.has(eventguid)) throw new HubException('forbidden: no triggers');
    await this.taking;
    this.triggers.push({ eventguid, data, removeAfterSend });
    await this.trigger(eventguid, data, removeAfterSend);
  }
}
