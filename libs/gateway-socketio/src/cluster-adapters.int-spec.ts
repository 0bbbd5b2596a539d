import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { waitFor } from '@ringback/conformance';
import { DEFAULT_LIMITS } from '@ringback/contract';
import { Hub } from '@ringback/core';
import {
  CountingMetrics,
  MemoryCluster,
  OpenAccess,
  RecordingLog,
  SilentLog,
  SystemClock,
} from '@ringback/memory';
import { connectRedis, RedisChannels, type RedisConnections } from '@ringback/redis';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import type { Server } from 'socket.io';
import type { Socket } from 'socket.io-client';
import { startOwnRedis, type RestartableRedis } from '../../../test/support/redis-servers.js';
import { GatewayTestServer, nextEvent } from './testing/gateway-test-server.js';

/** The number of the message by which `serverSideEmit` reaches the other nodes. */
const SERVER_SIDE_EMIT = 9;

/** What an application has beside the hub. */
@Injectable()
@WebSocketGateway({ path: '/chat' })
class ChatGateway {
  @WebSocketServer() readonly server!: Server;

  @SubscribeMessage('say')
  say(): void {
    this.server.emit('said');
  }
}

@Module({ providers: [ChatGateway] })
class ChatModule {}

interface Node {
  readonly hub: Hub;
  readonly served: GatewayTestServer;
  readonly redis: RedisConnections;
  readonly chat: Server;
}

describe("an application's own gateways on three nodes", () => {
  let redis: RestartableRedis;
  let admin: Redis;
  let prefix: string;
  let log: RecordingLog;
  let nodes: Node[];

  beforeAll(async () => {
    redis = await startOwnRedis();
    admin = new Redis(redis.url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
    admin.on('error', () => undefined); // while the server starts
  });

  afterAll(async () => {
    admin.disconnect();
    await redis.close();
  });

  beforeEach(async () => {
    prefix = `test-${randomUUID()}`;
    log = new RecordingLog();
    const cluster = new MemoryCluster();
    nodes = [];
    for (const nodeId of ['node-1', 'node-2', 'node-3']) nodes.push(await start(nodeId, cluster));
    await waitFor(async () => (await followers('socketio:/chat#/#')) === 3, 'nodes that follow each other');
  });

  afterEach(async () => {
    for (const { served, hub, redis: connections } of nodes) {
      await served.close();
      await hub.drain();
      await connections.close();
    }
  });

  async function start(nodeId: string, cluster: MemoryCluster): Promise<Node> {
    const hub = new Hub(
      {
        ...cluster.node(),
        access: new OpenAccess(),
        clock: new SystemClock(),
        log: new SilentLog(),
        metrics: new CountingMetrics(),
      },
      { nodeId, address: 'http://127.0.0.1:0', version: '0', leaseMs: 30_000, limits: DEFAULT_LIMITS },
    );
    await hub.start();
    const connections = await connectRedis({ url: redis.url, prefix, log });
    const channels = new RedisChannels(connections);
    const served = await GatewayTestServer.start(hub, { channels, imports: [ChatModule] });
    const { server } = served.app.get(ChatGateway, { strict: false });
    return { hub, served, redis: connections, chat: server };
  }

  async function followers(name: string): Promise<number> {
    const [, count] = (await admin.call('PUBSUB', 'SHARDNUMSUB', `${prefix}:channel:${name}`)) as [
      string,
      number,
    ];
    return count;
  }

  /** A guest of the chat on each node. */
  async function guests(): Promise<Socket[]> {
    return Promise.all(nodes.map(({ served }) => served.connected({ path: '/chat' })));
  }

  it('find their clients on all nodes', async () => {
    const ids = (await guests()).map(({ id = '' }) => id);
    for (const { chat } of nodes) {
      const found = (await chat.fetchSockets()).map(({ id }) => id);
      expect(found.sort()).toEqual(ids.sort());
    }
  });

  it('reach their clients, and close them, on all nodes, and leave those of the hub alone', async () => {
    const customers = await Promise.all(nodes.map(({ served }) => served.connected()));
    const everybody = await guests();
    const said = everybody.map((guest) => nextEvent(guest, 'said'));
    everybody[0]?.emit('say');
    await Promise.all(said);
    const gone = everybody.map((guest) => nextEvent(guest, 'disconnect'));
    nodes[1]!.chat.disconnectSockets(true);
    await Promise.all(gone);
    expect(customers.map(({ connected }) => connected)).toEqual([true, true, true]);
  });

  it('ask each other', async () => {
    for (const [index, { chat }] of nodes.entries()) {
      chat.on('who', (reply: (name: string) => void) => reply(`node-${index + 1}`));
    }
    const replies = (await nodes[0]!.chat.serverSideEmitWithAck('who')) as string[];
    expect(replies.sort()).toEqual(['node-2', 'node-3']);
  });

  /** Whether every node, whose link for commands comes back apart from the one it hears by, can ask and answer. */
  async function allSpeakAgain(): Promise<boolean> {
    const asked = await Promise.allSettled(nodes.map(({ redis: { commands } }) => commands.ping()));
    return asked.every(({ status }) => status === 'fulfilled');
  }

  it('learn that the others cannot be asked while Redis is away, and go on when it is back', async () => {
    const errors: unknown[] = [];
    await redis.kill();
    await waitFor(async () => {
      nodes[0]!.chat.serverSideEmit('who', (error: unknown) => errors.push(error));
      await new Promise(setImmediate);
      return errors.length > 0;
    }, 'an error');
    expect(errors[0]).toMatchObject({ code: 'relay-unavailable' });
    await expect(nodes[0]!.chat.fetchSockets()).rejects.toMatchObject({ code: 'relay-unavailable' });
    nodes[0]!.chat.serverSideEmit('told', 'nobody');
    nodes[0]!.chat.emit('said');
    await redis.restart();
    await waitFor(async () => (await followers('socketio:/chat#/#')) === 3, 'all nodes back');
    await waitFor(allSpeakAgain, 'all links for commands');
    expect(await nodes[0]!.chat.fetchSockets()).toEqual([]);
  });

  it.each([
    '{"a":1}',
    '{"a":',
    'null',
    '\u00c0',
    '',
    '{"uid":"x","nsp":"/","type":3}',
    '{"uid":"x","nsp":"/","type":3,"data":{"packet":{},"opts":{}}}',
    '{"uid":"x","nsp":"/","type":7,"data":{"requestId":"r","opts":{"rooms":5}}}',
    '{"uid":"x","nsp":"/","type":8,"data":{"requestId":"r"}}',
    '{"uid":"x","nsp":"/","type":9,"data":{"packet":["error"]}}',
    '{"uid":"x","nsp":"/","type":99}',
  ])('drop what they cannot read: %p', async (message) => {
    const channels = (await admin.pubsub('SHARDCHANNELS', `${prefix}:channel:*`)) as string[];
    expect(channels).toHaveLength(8); // of two servers one of all nodes each, and one for each node
    for (const channel of channels) await admin.spublish(channel, Buffer.from(message, 'latin1'));
    expect(await nodes[0]!.chat.fetchSockets()).toEqual([]);
  });

  it.each(['connect', 'connection', 'new_namespace'])(
    'take no %s from a message, which has none of the objects that belong to it',
    async (event) => {
      const heard: string[] = [];
      for (const server of [nodes[0]!.chat, nodes[0]!.served.hubServer]) {
        server.of('/').on(event as 'connection', () => heard.push(event));
        server.on('last', () => heard.push('last'));
      }
      for (const path of ['/chat', '/socket.io']) {
        for (const packet of [[event, {}], ['last']]) {
          const message = JSON.stringify({ uid: 'x', nsp: '/', type: SERVER_SIDE_EMIT, data: { packet } });
          await admin.spublish(`${prefix}:channel:socketio:${path}#/#`, message);
        }
      }
      await waitFor(() => heard.length === 2, 'what was sent last');
      expect(heard).toEqual(['last', 'last']);
    },
  );

  it('hand around nothing that a client of the hub has shown', async () => {
    const monitor = await admin.monitor();
    const published: string[] = [];
    monitor.on('monitor', (_time, command: readonly string[]) => published.push(command.join(' ')));
    const shown = { auth: { token: 'a secret' }, query: { access_token: 'a secret' } };
    const ids = await Promise.all(nodes.map(async ({ served }) => (await served.connected(shown)).id ?? ''));
    const io = nodes[0]!.served.hubServer;
    const found = await io.fetchSockets();
    expect(found.map(({ id }) => id).sort()).toEqual(ids.sort());
    expect(found.map(({ data }) => data)).toEqual([{}, {}, {}]);
    await waitFor(
      () => published.some((command) => /^spublish/i.test(command)),
      'a message between the nodes',
    );
    expect(published.join()).not.toContain('secret');
    monitor.disconnect();
  });
});
