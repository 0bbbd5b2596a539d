import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  DefaultHttpClient,
  HttpClient,
  HttpTransportType,
  HubConnectionBuilder,
  LogLevel,
  NullLogger,
  type HttpRequest,
  type HttpResponse,
} from '@microsoft/signalr';
import { waitFor } from '@ringback/conformance';
import { RecordingLog } from '@ringback/memory';
import type { HubContext } from '@ringback/signalr';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startOwnRedis, type RunningRedis } from '../../../test/support/redis-servers.js';
import { serveChat } from './testing/clustered-chat.js';

/** Sends each request to another node than the one before, as a load balancer does that is not sticky. */
class RoundRobin extends HttpClient {
  private readonly inner = new DefaultHttpClient(NullLogger.instance);
  private turn = 0;

  constructor(private readonly ports: readonly number[]) {
    super();
  }

  override send(request: HttpRequest): Promise<HttpResponse> {
    const url = new URL(request.url ?? '');
    url.port = String(this.ports[this.turn++ % this.ports.length]);
    return this.inner.send({ ...request, url: url.href });
  }
}

describe('the example of several nodes', () => {
  const log = new RecordingLog();
  const https: Server[] = [];
  const ends: (() => Promise<void>)[] = [];
  let redis: RunningRedis;
  let ports: readonly number[];

  const say = async ({ clients, groups, connectionId }: HubContext, text: string): Promise<void> => {
    await groups.add(connectionId, 'speakers');
    await clients.all.send('said', text);
  };

  const listen = async (): Promise<number> => {
    const http = createServer();
    https.push(http);
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    return (http.address() as AddressInfo).port;
  };

  beforeAll(async () => {
    redis = await startOwnRedis();
    ports = [await listen(), await listen()];
    const addressOf = (nodeId: string): string => `http://127.0.0.1:${ports[Number(nodeId)]}`;
    for (const [index, http] of https.entries()) {
      const node = { nodeId: `${index}`, redisUrl: redis.url, log, addressOf };
      ends.push(await serveChat(http, { methods: { say: { args: 1, call: say } } }, node));
    }
  });

  afterAll(async () => {
    await Promise.all(ends.map((end) => end()));
    for (const http of https) {
      http.close();
      http.closeAllConnections();
    }
    await redis.close();
  });

  it('is the one of the README', async () => {
    const [readme, example] = await Promise.all(
      ['../README.md', 'testing/clustered-chat.ts'].map((file) =>
        readFile(join(import.meta.dirname, file), 'utf8'),
      ),
    );
    expect(readme).toContain(example?.replace(`'../index.js'`, `'@ringback/signalr-backplane'`));
  });

  const { WebSockets, LongPolling } = HttpTransportType;
  it.each([
    ['WebSockets', WebSockets],
    ['LongPolling', LongPolling],
  ] as const)('serves clients over %s whose every request arrives at another node', async (_, transport) => {
    const heard: unknown[][] = [[], []];
    const clients = heard.map((texts, index) => {
      const httpClient = new RoundRobin(index === 0 ? ports : ports.toReversed());
      const url = `http://127.0.0.1:${ports[1 - index]}/chat`;
      const client = new HubConnectionBuilder()
        .withUrl(url, { transport, httpClient })
        .configureLogging(LogLevel.None)
        .build();
      client.on('said', (text) => texts.push(text));
      return client;
    });
    await Promise.all(clients.map((client) => client.start()));
    const said = ['1', '2', '3', '4'];
    for (const [index, text] of said.entries()) {
      await clients[index % 2]?.invoke('say', text);
      await waitFor(() => heard.every((texts) => texts.includes(text)), text);
    }
    expect(heard).toEqual([said, said]);
    await Promise.all(clients.map((client) => client.stop()));
    expect(log.at('error')).toEqual([]);
  });
});
