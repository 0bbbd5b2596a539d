import { afterAll, beforeAll } from '@jest/globals';
import { SilentLog } from '@ringback/memory';
import { connectRedis } from '@ringback/redis';
import { startOwnRedis, type RestartableRedis } from '../../../../test/support/redis-servers.js';
import { AgentKeys } from '../agent-keys.js';
import { describeSubscriptionBook } from '../testing/subscription-book.conformance.js';
import { MemorySubscriptionBook } from './memory-subscription-book.js';
import { RedisSubscriptionBook } from './redis-subscription-book.js';

let redis: RestartableRedis;
let prefixes = 0;

beforeAll(async () => {
  redis = await startOwnRedis();
});

afterAll(async () => {
  await redis.close();
});

describeSubscriptionBook('MemorySubscriptionBook', async () => {
  const book = new MemorySubscriptionBook();
  return { book: () => book, close: () => Promise.resolve() };
});

describeSubscriptionBook('RedisSubscriptionBook', async () => {
  const prefix = `book-test-${++prefixes}`;
  const connections = await connectRedis({ url: redis.url, prefix, log: new SilentLog() });
  return {
    book: () => new RedisSubscriptionBook(connections, new AgentKeys(prefix)),
    close: () => connections.close(),
  };
});
