import {
  HttpTransportType,
  HubConnectionBuilder,
  JsonHubProtocol,
  LogLevel,
  type HubConnection,
  type IHttpConnectionOptions,
  type IHubProtocol,
} from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import { waitFor } from '@ringback/conformance';

const { WebSockets, ServerSentEvents, LongPolling } = HttpTransportType;

/** Every transport by its name. */
export const transports = [
  ['WebSockets', WebSockets],
  ['ServerSentEvents', ServerSentEvents],
  ['LongPolling', LongPolling],
] as const;

/** Every transport with every protocol that it carries. */
export const pairs = [
  ['json over WebSockets', WebSockets, new JsonHubProtocol()],
  ['messagepack over WebSockets', WebSockets, new MessagePackHubProtocol()],
  ['json over ServerSentEvents', ServerSentEvents, new JsonHubProtocol()],
  ['json over LongPolling', LongPolling, new JsonHubProtocol()],
  ['messagepack over LongPolling', LongPolling, new MessagePackHubProtocol()],
] as const;

export interface ClientOptions extends IHttpConnectionOptions {
  readonly protocol?: IHubProtocol;
  /** Waits before each attempt. Default: the client does not reconnect. */
  readonly reconnectDelaysMs?: readonly number[];
}

/** The released clients of a spec, ended together. */
export class TestHubClients {
  private readonly built: HubConnection[] = [];

  /** Not started yet. */
  build(url: string, options: ClientOptions = {}): HubConnection {
    const { protocol = new JsonHubProtocol(), reconnectDelaysMs, ...connection } = options;
    const builder = new HubConnectionBuilder()
      .withUrl(url, connection)
      .withHubProtocol(protocol)
      .configureLogging(LogLevel.None);
    if (reconnectDelaysMs) builder.withAutomaticReconnect([...reconnectDelaysMs]);
    const client = builder.build();
    this.built.push(client);
    return client;
  }

  async connect(url: string, options: ClientOptions = {}): Promise<HubConnection> {
    const client = this.build(url, options);
    await client.start();
    return client;
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.built.splice(0).map((client) => client.stop()));
  }
}

/** What a stream brought, once it has ended. Rejects with its error. */
export const streamed = (client: HubConnection, target: string, ...args: unknown[]): Promise<unknown[]> =>
  new Promise((resolve, reject) => {
    const items: unknown[] = [];
    const next = (item: unknown): void => void items.push(item);
    client.stream(target, ...args).subscribe({ next, error: reject, complete: () => resolve(items) });
  });

/** Everything that one method of a client was called with, as it comes in. */
export const received = (client: HubConnection, method: string): unknown[][] => {
  const calls: unknown[][] = [];
  client.on(method, (...args: unknown[]) => void calls.push(args));
  return calls;
};

/** The error that a client was closed with, in a list of one once it is closed. */
export const closings = (client: HubConnection): (Error | undefined)[] => {
  const errors: (Error | undefined)[] = [];
  client.onclose((error) => void errors.push(error));
  return errors;
};

/** Resolves once the list is as long as that. */
export const arrived = async (list: readonly unknown[], length: number, what: string): Promise<void> => {
  await waitFor(() => list.length >= length, what);
};
