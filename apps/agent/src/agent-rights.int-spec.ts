import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SilentLog } from '@ringback/memory';
import { aclRules, connectRedis } from '@ringback/redis';
import { Redis } from 'ioredis';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startOwnRedis, type RestartableRedis } from '../../../test/support/redis-servers.js';
import { AgentKeys } from './agent-keys.js';
import { agentRights } from './agent-rights.js';
import { RedisSubscriptionBook } from './sources/redis-subscription-book.js';
import { describeSubscriptionBook } from './testing/subscription-book.conformance.js';
import { describeTicketQueue } from './testing/ticket-queue.conformance.js';
import { QUEUE_OPTIONS } from './testing/ticket-samples.js';
import { BullmqTicketQueue } from './tickets/bullmq-ticket-queue.js';

const documented = aclRules(agentRights('rb-agent'));
const log = new SilentLog();
let prefixes = 0;
let redis: RestartableRedis;
let admin: Redis;

beforeAll(async () => {
  redis = await startOwnRedis();
  admin = new Redis(redis.url);
});
afterAll(async () => {
  admin.disconnect();
  await redis.close();
});

/** Connects as a user with these rules and no others. */
async function connectWith(prefix: string, ...own: readonly string[]) {
  const rules = aclRules(agentRights(prefix)).split(' ');
  await admin.acl('SETUSER', 'agent', 'reset', 'on', '>secret', ...rules, '+config|get', ...own);
  const url = redis.url.replace('redis://', 'redis://agent:secret@');
  return connectRedis({ url, prefix, log, rights: agentRights(prefix) });
}

describe('a user of Redis with the documented rights of an agent', () => {
  afterEach(async () => {
    const denied = await admin.acl('LOG');
    await admin.acl('LOG', 'RESET');
    expect(denied).toEqual([]);
  });

  describeTicketQueue('BullmqTicketQueue', async () => {
    const prefix = `rights-${++prefixes}`;
    const connections = await connectWith(prefix);
    const queues: BullmqTicketQueue[] = [];
    return {
      queue: (options) => {
        const all = { ...QUEUE_OPTIONS, ...options };
        const queue = new BullmqTicketQueue(connections, new AgentKeys(prefix), all, log);
        queues.push(queue);
        return queue;
      },
      close: async () => {
        await Promise.all(queues.map((queue) => queue.stop(0)));
        await Promise.all(queues.map((queue) => queue.close()));
        await connections.close();
      },
    };
  });

  describeSubscriptionBook('RedisSubscriptionBook', async () => {
    const prefix = `rights-${++prefixes}`;
    const connections = await connectWith(prefix);
    return {
      book: () => new RedisSubscriptionBook(connections, new AgentKeys(prefix)),
      close: () => connections.close(),
    };
  });
});

describe('a user of Redis without one of the rights of an agent', () => {
  it('is told which is missing', async () => {
    await expect(connectWith('rb-agent', '-bzpopmin', '-xadd')).rejects.toThrow(
      'Redis denies the user agent what is needed: +bzpopmin +xadd;',
    );
    await expect(connectWith('rb-agent', 'resetkeys', '~rb-agent:*')).rejects.toThrow('~{rb-agent}:*');
  });
});

describe('docs/operations.md', () => {
  it('has the rights of an agent as a line to copy', async () => {
    const page = await readFile(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
    expect(page).toContain(`ACL SETUSER ringback-agent on >PASSWORD ${documented}\n`);
  });
});
