import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpTransportType, HubConnectionBuilder, LogLevel, type HubConnection } from '@microsoft/signalr';
import { AccessDenied, type AcceptedConnection, type EndpointOptions } from './index.js';
import { Bench, until } from './testing/bench.js';

const recordEnd = '\x1e';
let bench: Bench;
let client: HubConnection;
let ended: (Error | undefined)[];
afterEach(async () => {
  await client.stop();
  await bench.stop();
});

interface Call {
  readonly type?: number;
  readonly invocationId?: string;
  readonly arguments?: readonly unknown[];
}

/** The least of a hub: answers the handshake and every call with its first argument. */
function echo(connection: AcceptedConnection): void {
  const answer = (value: object): void => connection.send([JSON.stringify(value) + recordEnd]);
  const take = ({ type, invocationId, arguments: given }: Call): void => {
    if (type === undefined) answer({});
    if (type === 1) answer({ type: 3, invocationId, result: given?.[0] });
    if (type === 7) connection.close();
  };
  let text = '';
  connection.listen({
    onBytes: (bytes) => {
      const parts = (text + Buffer.from(bytes).toString()).split(recordEnd);
      text = parts.pop() ?? '';
      for (const part of parts) take(JSON.parse(part) as Call);
    },
    onClosed: (error) => ended.push(error),
    onReattached: () => undefined,
  });
}

async function connect(
  transport: HttpTransportType,
  options: Partial<EndpointOptions> = {},
  skipNegotiation = false,
): Promise<string[]> {
  ended = [];
  const transports: string[] = [];
  const accept = (connection: AcceptedConnection): void => {
    transports.push(connection.transport);
    echo(connection);
  };
  bench = await Bench.start({ accept, ...options });
  const url = `http://127.0.0.1:${bench.port}/hub`;
  client = new HubConnectionBuilder()
    .withUrl(url, { transport, skipNegotiation, accessTokenFactory: () => 'good' })
    .configureLogging(LogLevel.None)
    .build();
  await client.start();
  return transports;
}

const { WebSockets, ServerSentEvents, LongPolling, None } = HttpTransportType;

describe('the stock client', () => {
  it.each([
    ['WebSockets', WebSockets],
    ['ServerSentEvents', ServerSentEvents],
    ['LongPolling', LongPolling],
  ] as const)('calls over %s and stops', async (name, transport) => {
    const transports = await connect(transport);
    expect(transports).toEqual([name]);
    for (const value of ['one', 'x'.repeat(10_000), 'ü€'])
      expect(await client.invoke('Echo', value)).toBe(value);
    await client.stop();
    await until(() => ended.length === 1);
    expect([ended, bench.endpoint.connectionCount]).toEqual([[undefined], 0]);
  });

  it('connects without negotiating', async () => {
    await connect(WebSockets, {}, true);
    expect([await client.invoke('Echo', 1), client.connectionId]).toEqual([1, null]);
  });

  it('takes the first transport that the server prefers', async () => {
    const transports = await connect(WebSockets | ServerSentEvents | LongPolling | None, {
      transports: ['LongPolling', 'WebSockets'],
    });
    expect(transports).toEqual(['LongPolling']);
  });

  it('follows a redirect with the token it is given there', async () => {
    const tokens: (string | undefined)[] = [];
    let redirected = false;
    await connect(LongPolling, {
      path: ['/hub', '/second'],
      authenticate: async ({ path, bearerToken }) => tokens.push(`${path} ${bearerToken}`),
      redirect: async () => {
        if (redirected) return undefined;
        redirected = true;
        return { url: `http://127.0.0.1:${bench.port}/second`, accessToken: 'better' };
      },
    });
    expect(tokens.slice(0, 3)).toEqual(['/hub/negotiate good', '/second/negotiate better', '/second better']);
  });

  it('is told by negotiate that it may not come in', async () => {
    const authenticate = async (): Promise<unknown> => {
      throw new AccessDenied(401);
    };
    await expect(connect(WebSockets, { authenticate })).rejects.toThrow(
      "Failed to complete negotiation with the server: Error: Unauthorized: Status code '401'",
    );
  });

  it('is sent away by a close of the server', async () => {
    let closed = false;
    await connect(LongPolling);
    client.onclose(() => (closed = true));
    const closing = bench.endpoint.close();
    await until(() => closed);
    await closing;
  });
});
