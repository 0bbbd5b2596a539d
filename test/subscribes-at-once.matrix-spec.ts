import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { SubscribeReply } from '@ringback/contract';
import { io } from 'socket.io-client';
import { EXTENDED_HUB, SignalRClient, type Protocol } from './scenarios/signalr-client.js';
import { startRedis, type RunningRedis } from './support/redis-servers.js';
import { World } from './support/world.js';

/** What is used of a stock client that does not wait for its replies. */
interface Subscriber {
  subscribe(eventguid: string): Promise<SubscribeReply>;
  close(): unknown;
}

/** Subscribes before it is connected: stock clients send all that at once then. */
async function socketIo(url: string, transport: 'websocket' | 'polling'): Promise<Subscriber> {
  const socket = io(url, { transports: [transport], reconnection: false });
  return {
    subscribe: async (eventguid) =>
      (await socket.emitWithAck('SubscribeToEvent', eventguid, 'cookie')) as SubscribeReply,
    close: () => socket.close(),
  };
}

async function signalR(url: string, protocol: Protocol): Promise<Subscriber> {
  const client = await SignalRClient.connect({
    url,
    hub: EXTENDED_HUB,
    transport: 'WebSockets',
    protocol,
  });
  return {
    subscribe: (eventguid) => client.subscribe(eventguid, 'cookie'),
    close: () => client.close(),
  };
}

const CLIENTS: readonly (readonly [string, (url: string) => Promise<Subscriber>])[] = [
  ['Socket.IO over a WebSocket', (url) => socketIo(url, 'websocket')],
  ['Socket.IO over polling', (url) => socketIo(url, 'polling')],
  ['SignalR with JSON', (url) => signalR(url, 'json')],
  ['SignalR with MessagePack', (url) => signalR(url, 'messagepack')],
];

describe('subscribes that are sent as soon as a client connects, with the limits by default', () => {
  let redis: RunningRedis;
  let world: World;
  let client: Subscriber;

  beforeAll(async () => {
    redis = await startRedis();
    world = await World.start({ redisUrl: redis.url, nodes: 1 });
  });
  afterEach(async () => {
    await client.close();
  });
  afterAll(async () => {
    await world.close();
    await redis.close();
  });

  describe.each(CLIENTS)('%s', (name, connect) => {
    it.each([250, 1_000])('has all of %i accepted', async (count) => {
      client = await connect(world.node(0).url);
      const eventguids = Array.from({ length: count }, (_, index) => `${name} ${count} ${index}`);
      const replies = await Promise.all(eventguids.map((eventguid) => client.subscribe(eventguid)));
      expect(replies.filter(({ ok }) => !ok)).toEqual([]);
      expect(replies).toHaveLength(count);
    });
  });
});
