import {
  HttpTransportType,
  HubConnectionBuilder,
  JsonHubProtocol,
  LogLevel,
  type HubConnection,
  type IHubProtocol,
} from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RecordingLog } from '@ringback/memory';
import { createProxyServer } from 'httpxy';
import { Redis } from 'ioredis';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { freePort, RedisProcess } from '../../../test/support/redis-process.js';
import { waitUntil } from '../../../test/support/wait-until.js';
import { readConfig } from './config.js';
import { HubNode } from './hub-node.js';

const { WebSockets, ServerSentEvents, LongPolling } = HttpTransportType;

const never = new Promise<void>(() => {});

/** Sends each request to the other node than the one before. */
class Balancer {
  private readonly server: Server = createServer();
  private turn = 0;

  constructor(private readonly nodes: readonly HubNode[]) {
    const proxy = createProxyServer();
    proxy.on('error', (_error, _request, answer) => answer?.destroy());
    this.server.on('request', (incoming, answer) => {
      proxy.web(incoming, answer, { target: this.next(), agent: false }).catch(() => answer.destroy());
    });
    this.server.on('upgrade', (incoming, link, head) => {
      const options = { target: this.next(), agent: false };
      proxy.ws(incoming, link as Socket, options, head).catch(() => link.destroy());
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private next(): string {
    return this.nodes[this.turn++ % this.nodes.length]?.url ?? '';
  }
}

describe('SignalR on two nodes on one Redis', () => {
  const log = new RecordingLog();
  const clients: HubConnection[] = [];
  const sockets: WebSocket[] = [];
  let directory: string;
  let redis: RedisProcess;
  let admin: Redis;
  let a: HubNode;
  let b: HubNode;
  let balancer: Balancer;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ringback-signalr-'));
    redis = new RedisProcess(directory, await freePort());
    await redis.start();
    admin = new Redis(redis.port);
    [a, b] = await Promise.all([start('a'), start('b')]);
    balancer = new Balancer([a, b]);
    await balancer.listen();
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.stop()));
    for (const socket of sockets.splice(0)) socket.close();
    await waitUntil(async () => (await countAt(a)) === 0, 'the end of all connections');
  });

  afterAll(async () => {
    await balancer.close();
    await Promise.all([a.stop(never), b.stop(never)]);
    admin.disconnect();
    await redis.kill();
    await rm(directory, { recursive: true, force: true });
  });

  function start(nodeId: string): Promise<HubNode> {
    const environment = {
      PORT: '0',
      RINGBACK_NODE_ID: nodeId,
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      RINGBACK_REDIS_PREFIX: 'spec',
      RINGBACK_SHUTDOWN_DELAY_MS: '0',
      RINGBACK_SIGNALR_PATH: '/live/hub',
      RINGBACK_SIGNALR_EVENT_HUB_PATHS: '/events',
    };
    return HubNode.start(readConfig(environment), log);
  }

  function build(url: string, transport: HttpTransportType, protocol: IHubProtocol = new JsonHubProtocol()) {
    const client = new HubConnectionBuilder()
      .withUrl(url, { transport })
      .withHubProtocol(protocol)
      .configureLogging(LogLevel.None)
      .build();
    clients.push(client);
    return client;
  }

  async function negotiate(node: HubNode, path: string, query = 'negotiateVersion=1'): Promise<string> {
    const answer = await fetch(`${node.url}${path}/negotiate?${query}`, { method: 'POST' });
    return ((await answer.json()) as { connectionToken: string }).connectionToken;
  }

  /** The status that a WebSocket is refused with; 101 if it is opened. */
  async function upgrade(node: HubNode, path: string, token: string): Promise<number | undefined> {
    const socket = new WebSocket(`${node.url.replace('http', 'ws')}${path}?id=${token}`);
    sockets.push(socket);
    socket.on('error', () => {}); // its status says it
    const opened = once(socket, 'open').then(() => 101);
    const refused = once(socket, 'unexpected-response').then(
      ([, answer]) => (answer as { statusCode: number }).statusCode,
    );
    return Promise.race([opened, refused]);
  }

  async function countAt(node: HubNode): Promise<number> {
    const answer = await fetch(`${node.url}/v1/connections`);
    return ((await answer.json()) as { count: number }).count;
  }

  it.each([
    ['WebSockets, json', WebSockets, new JsonHubProtocol()],
    ['WebSockets, messagepack', WebSockets, new MessagePackHubProtocol()],
    ['ServerSentEvents, json', ServerSentEvents, new JsonHubProtocol()],
    ['LongPolling, json', LongPolling, new JsonHubProtocol()],
    ['LongPolling, messagepack', LongPolling, new MessagePackHubProtocol()],
  ] as const)('serves the stock client without stickiness over %s', async (way, transport, protocol) => {
    const received: unknown[][] = [];
    for (const path of ['/MDriven/RealtimeEventPushHub', '/events']) {
      const client = build(balancer.url + path, transport, protocol);
      client.on('ReceiveEvent', (...words: unknown[]) => received.push(words));
      await client.start();
      await client.invoke('SubscribeToEvent', way, `cookie of ${path}`);
    }
    const extended = build(`${balancer.url}/live/hub`, transport, protocol);
    await extended.start();
    const reply = extended.invoke('TriggerEvent', way, 'data', null);
    expect(await reply).toMatchObject({ ok: true, subscribers: 2 });
    await waitUntil(() => Promise.resolve(received.length === 2), 'both deliveries');
    const expected = [
      [way, 'cookie of /MDriven/RealtimeEventPushHub', 'data'],
      [way, 'cookie of /events', 'data'],
    ];
    expect(received).toEqual(expect.arrayContaining(expected));
  });

  it.each(['/RealtimeEventPushHub', '/a/b/realtimeEVENTpushhub', '/Events', '/live/Hub/'])(
    'accepts a WebSocket of the other node at %s, once',
    async (path) => {
      const token = await negotiate(a, path);
      expect(await upgrade(b, path, token)).toBe(101);
      expect([await upgrade(b, path, token), await upgrade(a, path, token)]).toEqual([409, 404]);
      expect((await fetch(`${a.url}${path}?id=${token}`)).status).toBe(404);
    },
  );

  it('takes a token for the hub where it was negotiated, and no other', async () => {
    expect(await upgrade(b, '/live/hub', await negotiate(a, '/events'))).toBe(404);
  });

  it('brings a WebSocket that may come back to its own node', async () => {
    const token = await negotiate(a, '/live/hub', 'negotiateVersion=1&useStatefulReconnect=true');
    expect(await upgrade(b, '/live/hub', token)).toBe(101);
    const [first] = sockets as [WebSocket];
    first.send('{"protocol":"json","version":2}\x1e');
    await once(first, 'message');
    first.terminate();
    for (const node of [b, a]) expect(await upgrade(node, '/live/hub', token)).toBe(101);
    expect([a.hub.figures().connections, b.hub.figures().connections]).toEqual([1, 0]);
  });

  it('refuses upgrades elsewhere', async () => {
    for (const path of ['/hub', '/live', '/events/more', '/v1/nodes'])
      expect(await upgrade(a, path, 'x')).toBe(404);
  });

  it('goes on when Redis has lost the key', async () => {
    const early = await negotiate(a, '/events');
    await admin.del('spec:cluster-key');
    expect(await upgrade(b, '/events', early)).toBe(101);
    await waitUntil(async () => {
      // Either node may be the one that makes the next key.
      const tokens = [await negotiate(a, '/events'), await negotiate(b, '/events')] as const;
      return (
        (await upgrade(b, '/events', tokens[0])) === 101 && (await upgrade(a, '/events', tokens[1])) === 101
      );
    }, 'both nodes agreeing on a key');
  });

  it('lets operators count, find and close the connections of both at either', async () => {
    const client = build(`${a.url}/live/hub`, WebSockets);
    const closed = new Promise((resolve) => client.on('HubClose', resolve));
    await client.start();
    await waitUntil(async () => (await countAt(b)) === 1, 'the connection in the count of the other node');
    const url = `${b.url}/v1/connections/${client.connectionId}`;
    expect(await (await fetch(url)).json()).toMatchObject({ gateway: 'signalr', nodeId: 'a' });
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(204);
    expect(await closed).toMatchObject({ name: 'closed-by-operator' });
    await waitUntil(async () => (await fetch(url)).status === 404, 'its end');
  });
});
