import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpTransportType, HubConnectionBuilder, JsonHubProtocol, LogLevel } from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import { jsonProtocol, messagePackProtocol, SignalRServer, type HubContext } from './index.js';
import { BenchCluster } from './transports/testing/bench-cluster.js';

const { WebSockets, ServerSentEvents, LongPolling } = HttpTransportType;
const methods = { Echo: { args: 1, call: (_: HubContext, value: unknown) => value } };

let cluster: BenchCluster;
let servers: SignalRServer[];
afterEach(async () => {
  for (const server of servers) await server.drain(0);
  await cluster.stop();
});

/** Three nodes, and a load balancer in front that sends each request to the next. */
async function start(): Promise<void> {
  servers = [];
  cluster = await BenchCluster.start(3, () => {
    const server = new SignalRServer({ protocols: [jsonProtocol, messagePackProtocol] });
    server.addHub('/hub', { methods });
    servers.push(server);
    return { accept: (connection) => server.accept('/hub', connection), statefulReconnect: true };
  });
}

const builder = (transport: HttpTransportType) =>
  new HubConnectionBuilder().withUrl(`${cluster.url}/hub`, { transport }).configureLogging(LogLevel.None);

describe('three nodes behind a load balancer that knows nothing of SignalR', () => {
  it.each([
    ['WebSockets, json', WebSockets, new JsonHubProtocol()],
    ['WebSockets, messagepack', WebSockets, new MessagePackHubProtocol()],
    ['ServerSentEvents, json', ServerSentEvents, new JsonHubProtocol()],
    ['LongPolling, json', LongPolling, new JsonHubProtocol()],
    ['LongPolling, messagepack', LongPolling, new MessagePackHubProtocol()],
  ] as const)('serve the stock client over %s', async (_way, transport, protocol) => {
    await start();
    for (let round = 0; round < 4; round++) {
      const client = builder(transport).withHubProtocol(protocol).build();
      await client.start();
      for (const value of ['one', 'ü€', 'x'.repeat(10_000)]) {
        expect(await client.invoke('Echo', value)).toBe(value);
      }
      await client.stop();
    }
    expect(cluster.faults).toEqual([]);
  });

  it('bring a client with stateful reconnect to its own node', async () => {
    await start();
    for (let round = 0; round < 4; round++) {
      const client = builder(WebSockets).withStatefulReconnect().build();
      await client.start();
      expect(await client.invoke('Echo', round)).toBe(round);
      await client.stop();
    }
    expect(cluster.faults).toEqual([]);
  });
});
