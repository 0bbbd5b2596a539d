import { HttpTransportType, JsonHubProtocol, type HubConnection } from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import { describeGateway, waitFor, type ClientDelivery, type GatewayClient } from '@ringback/conformance';
import { GatewayTestServer, type ClientOptions } from './testing/gateway-test-server.js';

type Presence = GatewayClient['presences'][number]['presence'];

/** What is used of the client's WebSocket, beyond its published types. */
interface ClientSocket {
  readonly _socket?: { pause(): void; destroy(): void };
  send(data: string): void;
}

/** The stock client over the suite's eyes: of the extended hub, or of the event hub. For specs. */
class StockClient implements GatewayClient {
  readonly deliveries: ClientDelivery[] = [];
  readonly presences: { eventguid: string; presence: Presence }[] = [];
  closed = false;
  closedFor: string | undefined;

  constructor(
    private readonly client: HubConnection,
    private readonly extended: boolean,
  ) {
    client.onclose(() => (this.closed = true));
    client.on('HubClose', ({ name }: { readonly name: string }) => (this.closedFor = name));
    client.on('ReceivePresence', (eventguid: string, presence: Presence) => {
      this.presences.push({ eventguid, presence });
    });
    client.on(extended ? 'ReceiveEventWithMeta' : 'ReceiveEvent', (...args: unknown[]) =>
      this.received(args),
    );
  }

  async connect(): Promise<this> {
    await this.client.start().catch((error: unknown) => Promise.reject(coded(error)));
    // The hub refuses after the handshake, which is all that start waits for.
    if (this.extended) await this.ask('UnsubscribeFromEvent', 'nothing');
    return this;
  }

  subscribe(eventguid: string, cookie: string, options?: object) {
    return this.ask('SubscribeToEvent', eventguid, cookie, ...(this.extended ? [options ?? null] : []));
  }

  async unsubscribe(eventguid: string) {
    if (this.extended) await this.ask('UnsubscribeFromEvent', eventguid);
    else await this.ask('SubscribeToEvent', eventguid, null);
  }

  trigger(eventguid: string, data?: unknown, options?: { readonly removeAfterSend?: boolean }) {
    const last = this.extended ? (options ?? null) : (options?.removeAfterSend ?? false);
    return this.ask('TriggerEvent', eventguid, data ?? null, last);
  }

  async acknowledge(eventguid: string, position: string) {
    await this.ask('Acknowledge', eventguid, position);
  }

  async close() {
    await this.client.stop();
    await waitFor(() => this.closed, 'the end of the connection');
  }

  destroy() {
    this.socket()?._socket?.destroy();
    this.client.stop().catch(() => undefined);
  }

  stall() {
    this.socket()?._socket?.pause();
  }

  sendGarbage() {
    this.socket()?.send('{"what":\u001e');
  }

  private received([eventguid, cookie, data, meta, ...more]: readonly unknown[]): void {
    if (more.length > 0 || (meta === undefined) === this.extended)
      throw new Error('Another number of arguments.');
    const delivery = { eventguid, cookie, data, ...(meta as object | undefined) };
    this.deliveries.push(delivery as ClientDelivery);
  }

  private async ask(method: string, ...args: readonly unknown[]): Promise<object> {
    try {
      return (await this.client.invoke<object | null>(method, ...args)) ?? {};
    } catch (error) {
      throw coded(error);
    }
  }

  private socket(): ClientSocket | undefined {
    const { connection } = this.client as unknown as {
      connection: { transport?: { _webSocket?: ClientSocket } };
    };
    return connection.transport?._webSocket;
  }
}

/** The error with the code that its text names. */
function coded(error: unknown): Error {
  const code = /HubException: ([a-z-]+): /.exec(String(error))?.[1];
  return Object.assign(new Error(String(error)), code !== undefined && { code });
}

type Capabilities = Parameters<typeof describeGateway>[1]['capabilities'];

const eventHub: Capabilities = {
  positions: false,
  labels: false,
  recovery: false,
  subscribesAnyTime: true,
  cookies: true,
  changesCookie: true,
  unsubscribes: true,
  endsByCookie: true,
  triggers: true,
  triggerOptions: false,
  codes: true,
  named: false,
  receipts: false,
  presence: false,
  untyped: false,
};

const everything = Object.fromEntries(
  Object.keys(eventHub).map((name) => [name, true]),
) as unknown as Capabilities;

const { WebSockets } = HttpTransportType;
const ways = [
  ['WebSockets, json', { transport: WebSockets, protocol: new JsonHubProtocol() }],
  ['WebSockets, messagepack', { transport: WebSockets, protocol: new MessagePackHubProtocol() }],
] as const;

const hubs = [
  ['/hub', everything],
  ['/some/base/RealtimeEventPushHub', eventHub],
] as const;

for (const [path, capabilities] of hubs) {
  for (const [way, options] of ways) {
    describeGateway(`SignalR at ${path} over ${way}`, {
      capabilities,
      async serve(hub) {
        const served = await GatewayTestServer.start(hub);
        return {
          connect: async ({ subscriberId, token } = {}) => {
            const query =
              subscriberId === undefined ? '' : `?subscriberId=${encodeURIComponent(subscriberId)}`;
            const client: ClientOptions = {
              ...options,
              target: path + query,
              ...(token !== undefined && { token }),
            };
            return new StockClient(served.client(client), capabilities.named).connect();
          },
          close: () => served.close(),
        };
      },
    });
  }
}
