import type { Log } from '@ringback/core';
import { connectRedis, RedisClaims, RedisClusterKey, RedisRelay } from '@ringback/redis';
import {
  forwardElsewhere,
  jsonProtocol,
  messagePackProtocol,
  SignalREndpoint,
  signedTokens,
  SignalRServer,
  type HubDefinition,
} from '@ringback/signalr';
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { backplaneHistory, RelayBackplane } from '../index.js';

/** One node among others. */
export interface ChatNode {
  readonly nodeId: string;
  readonly redisUrl: string;
  readonly log: Log;
  /** Where the other nodes reach a node: `http://host:port`. */
  readonly addressOf: (nodeId: string) => string | undefined;
}

/** Serves the hub on one node, and answers how to end that. */
export async function serveChat(
  http: Server,
  chat: HubDefinition,
  node: ChatNode,
): Promise<() => Promise<void>> {
  const { nodeId, log, addressOf } = node;
  const redis = await connectRedis({ url: node.redisUrl, prefix: 'chat', log });
  const relay = new RedisRelay(redis, { history: backplaneHistory });
  const backplane = await RelayBackplane.open(relay, { application: 'chat', log });
  const server = new SignalRServer({ protocols: [jsonProtocol, messagePackProtocol], backplane, log });
  server.addHub('/chat', chat);

  const claims = new RedisClaims(redis);
  const claim = (id: string, ttlMs: number) => claims.claim(`token ${id}`, randomUUID(), ttlMs);
  const tokens = signedTokens({ nodeId, key: () => new RedisClusterKey(redis).read(), claim });
  const elsewhere = forwardElsewhere({ nodeId, addressOf });
  const endpoint = new SignalREndpoint({
    path: '/chat',
    accept: (client) => server.accept('/chat', client),
    tokens,
    elsewhere,
  });
  endpoint.attach(http);

  return async () => {
    await server.drain(2000);
    await endpoint.close();
    elsewhere.close();
    await backplane.close();
    await redis.close();
  };
}
