import { HubError } from '@ringback/contract';
import type { Claims, Log } from '@ringback/core';
import { MemoryCluster, SystemClock } from '@ringback/memory';
import { StartupError } from '@ringback/settings';
import { connectRedis, RedisClaims, type RedisConnections } from '@ringback/redis';
import { AgentKeys } from './agent-keys.js';
import { agentRights } from './agent-rights.js';
import type { Config } from './configuration/config.js';
import { MemorySubscriptionBook } from './sources/memory-subscription-book.js';
import { RedisSubscriptionBook } from './sources/redis-subscription-book.js';
import type { SubscriptionBook } from './sources/subscription-book.port.js';
import { BullmqTicketQueue } from './tickets/bullmq-ticket-queue.js';
import { MemoryTicketQueue } from './tickets/memory-ticket-queue.js';
import type { TicketQueue } from './tickets/ticket-queue.port.js';

/** What agents share. Whoever opened it closes it. */
export interface AgentStore {
  readonly queue: TicketQueue;
  readonly book: SubscriptionBook;
  readonly claims: Claims;
  close(): Promise<void>;
}

/** With Redis, what all agents share; without, the memory of one. Throws `StartupError` if Redis is not there or not fit. */
export async function openStore({ redis, queue }: Config, log: Log): Promise<AgentStore> {
  if (redis) {
    const connections = await connect(redis, log);
    const keys = new AgentKeys(redis.prefix);
    return {
      queue: new BullmqTicketQueue(connections, keys, queue, log),
      book: new RedisSubscriptionBook(connections, keys),
      claims: new RedisClaims(connections),
      close: () => connections.close(),
    };
  }
  log.warn('tickets end with this agent: REDIS_URL is not set');
  return {
    queue: new MemoryTicketQueue(queue, new SystemClock()),
    book: new MemorySubscriptionBook(),
    claims: new MemoryCluster().node().claims,
    close: () => Promise.resolve(),
  };
}

async function connect({ url, prefix }: NonNullable<Config['redis']>, log: Log): Promise<RedisConnections> {
  try {
    return await connectRedis({ url, prefix, log, rights: agentRights(prefix) });
  } catch (error) {
    throw new StartupError(`REDIS_URL: ${HubError.from(error).message}`, { cause: error });
  }
}
