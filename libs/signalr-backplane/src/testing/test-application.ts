import { HttpTransportType, HubConnectionBuilder, LogLevel, type HubConnection } from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import type { Relay } from '@ringback/core';
import { RecordingLog } from '@ringback/memory';
import {
  jsonProtocol,
  messagePackProtocol,
  SignalREndpoint,
  SignalRServer,
  type HubContext,
  type HubDefinition,
} from '@ringback/signalr';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RelayBackplane, type BackplaneOptions } from '../index.js';

const definition: HubDefinition = {
  methods: {
    ToAll: { args: 1, call: ({ clients }: HubContext, text: string) => clients.all.send('Said', text) },
    ToOthers: { args: 1, call: ({ clients }: HubContext, text: string) => clients.others.send('Said', text) },
    ToUser: {
      args: 2,
      call: ({ clients }: HubContext, user: string, text: string) => clients.user(user).send('Said', text),
    },
    ToGroup: {
      args: 2,
      call: ({ clients }: HubContext, group: string, text: string) => clients.group(group).send('Said', text),
    },
    ToOne: {
      args: 2,
      call: ({ clients }: HubContext, id: string, text: string) => clients.client(id).send('Said', text),
    },
    Ask: {
      args: 2,
      call: ({ clients }: HubContext, id: string, question: unknown) =>
        clients.client(id).invoke('Answer', question),
    },
    Put: {
      args: 2,
      call: ({ groups }: HubContext, id: string, group: string) => groups.add(id, group),
    },
    Take: {
      args: 2,
      call: ({ groups }: HubContext, id: string, group: string) => groups.remove(id, group),
    },
  },
  userId: ({ user }) => (typeof user === 'string' ? user : undefined),
};

/** A stock client, and what it is told. */
export class TestClient {
  readonly said: unknown[] = [];

  private constructor(readonly link: HubConnection) {
    link.on('Said', (text: unknown) => void this.said.push(text));
  }

  /** A WebSocket with MessagePack, or with the JSON that the client speaks by itself. */
  static async start(port: number, user: string, binary: boolean): Promise<TestClient> {
    const transport = HttpTransportType.WebSockets;
    const builder = new HubConnectionBuilder()
      .withUrl(`http://127.0.0.1:${port}/chat`, { transport, accessTokenFactory: () => user })
      .configureLogging(LogLevel.None);
    if (binary) builder.withHubProtocol(new MessagePackHubProtocol());
    const client = new TestClient(builder.build());
    await client.link.start();
    return client;
  }

  get id(): string {
    return this.link.connectionId ?? '';
  }
}

/** One node of a SignalR application whose nodes say things to each other over a relay. */
export class ApplicationNode {
  private readonly clients: TestClient[] = [];

  private constructor(
    readonly backplane: RelayBackplane,
    readonly server: SignalRServer,
    private readonly endpoint: SignalREndpoint,
    private readonly http: Server,
  ) {}

  static async start(relay: Relay, options: Partial<BackplaneOptions> = {}): Promise<ApplicationNode> {
    const backplane = await RelayBackplane.open(relay, { application: 'chat', ...options });
    const server = new SignalRServer({
      protocols: [jsonProtocol, messagePackProtocol],
      backplane,
      nodeAnswerTimeoutMs: 500,
      detailedErrors: true,
      log: new RecordingLog(),
    });
    server.addHub('/chat', definition);
    const endpoint = new SignalREndpoint({
      path: '/chat',
      accept: (connection) => server.accept('/chat', connection),
      authenticate: async ({ bearerToken }) => bearerToken,
    });
    const http = createServer();
    endpoint.attach(http);
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    return new ApplicationNode(backplane, server, endpoint, http);
  }

  async connect(user: string, binary = false): Promise<TestClient> {
    const { port } = this.http.address() as AddressInfo;
    const client = await TestClient.start(port, user, binary);
    this.clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map(({ link }) => link.stop()));
    await this.server.drain(0);
    await this.endpoint.close();
    await this.backplane.close();
    this.http.close();
    this.http.closeAllConnections();
  }
}
