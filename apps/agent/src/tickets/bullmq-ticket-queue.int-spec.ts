import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { SilentLog } from '@ringback/memory';
import { connectRedis } from '@ringback/redis';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, RedisProcess } from '../../../../test/support/redis-process.js';
import { SentinelledRedis } from '../../../../test/support/redis-sentinels.js';
import { startRedisCluster } from '../../../../test/support/redis-servers.js';
import { AgentKeys } from '../agent-keys.js';
import { gate } from '../testing/gate.js';
import { describeTicketQueue, type QueueHouse } from '../testing/ticket-queue.conformance.js';
import { makeTicket, QUEUE_OPTIONS } from '../testing/ticket-samples.js';
import { BullmqTicketQueue } from './bullmq-ticket-queue.js';

let prefixes = 0;

async function openHouse(url: string): Promise<QueueHouse> {
  const log = new SilentLog();
  const prefix = `agent-test-${process.pid}-${++prefixes}`;
  const connections = await connectRedis({ url, prefix, log });
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
}

describe('one Redis', () => {
  let directory: string;
  let redis: RedisProcess;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ringback-agent-'));
    redis = new RedisProcess(directory, await freePort());
    await redis.start();
  });

  afterAll(async () => {
    await redis.kill();
    await rm(directory, { recursive: true });
  });

  describeTicketQueue('BullmqTicketQueue', () => openHouse(redis.url));

  it('shares tickets between agents, each carried out by one', async () => {
    const house = await openHouse(redis.url);
    const executed: string[][] = [[], []];
    const [queue, other] = executed.map((ids) => {
      const made = house.queue({ concurrency: 1 });
      made.start(async ({ id }) => {
        ids.push(id);
        await new Promise((resolve) => setImmediate(resolve));
      });
      return made;
    });
    const tickets = Array.from({ length: 40 }, () => makeTicket());
    await Promise.all(tickets.map((ticket) => queue!.add(ticket)));
    await waitFor(async () => (await other!.counts()).done === 40);
    expect(executed.flat().toSorted()).toEqual(tickets.map(({ id }) => id).toSorted());
    await house.close();
  });

  it('has its tickets after Redis was killed, and carries on when it is back', async () => {
    const house = await openHouse(redis.url);
    const queue = house.queue();
    const executed: string[] = [];
    queue.start(async ({ id }) => {
      executed.push(id);
    });
    const [early, late] = [makeTicket({ executeEarliest: Date.now() + 1_500 }), makeTicket()];
    await queue.add(early);
    await redis.kill();
    await waitFor(() => !queue.healthy, 'the loss');
    await expect(queue.add(late)).rejects.toMatchObject({ code: 'relay-unavailable' });
    await redis.start();
    await waitFor(() => queue.healthy, 'the return', 10_000);
    await queue.add(late);
    await waitFor(() => executed.length === 2, 'both', 15_000);
    expect(executed.toSorted()).toEqual([early.id, late.id].toSorted());
    await house.close();
  });

  it('is not healthy while Redis keeps its connections and says nothing', async () => {
    const house = await openHouse(redis.url);
    const queue = house.queue();
    queue.start(async () => undefined);
    redis.freeze();
    try {
      await waitFor(() => !queue.healthy, 'the silence', 10_000);
    } finally {
      redis.thaw();
    }
    await waitFor(() => queue.healthy, 'the return', 10_000);
    await house.close();
  });

  it('counts as done, at the first attempt, what has ended while Redis was away', async () => {
    const house = await openHouse(redis.url);
    const queue = house.queue();
    const work = gate();
    let executed = 0;
    queue.start(() => {
      executed++;
      return work.opened;
    });
    const ticket = makeTicket();
    await queue.add(ticket);
    await waitFor(() => executed === 1, 'the attempt');
    await redis.kill();
    await waitFor(() => !queue.healthy, 'the loss');
    work.open();
    await redis.start();
    await waitFor(() => queue.healthy, 'the return', 10_000);
    await waitFor(async () => (await queue.counts()).active === 0, 'the end', 20_000);
    expect(await queue.get(ticket.id)).toMatchObject({ state: 'done', attempts: 1 });
    expect(executed).toBe(1);
    await house.close();
  });
});

describe('a Redis Cluster', () => {
  it('keeps and carries out tickets', async () => {
    const redis = await startRedisCluster();
    try {
      const house = await openHouse(redis.url);
      const queue = house.queue();
      const executed: string[] = [];
      queue.start(async ({ id }) => {
        executed.push(id);
      });
      const ticket = makeTicket();
      await queue.add(ticket);
      await waitFor(() => executed.length === 1, 'the ticket', 10_000);
      await waitFor(async () => (await queue.get(ticket.id))?.state === 'done');
      await house.close();
    } finally {
      await redis.close();
    }
  });
});

describe('Redis behind sentinels', () => {
  it('keeps and carries out tickets after a master that hangs has been replaced', async () => {
    const redis = await SentinelledRedis.start();
    const master = await redis.master();
    try {
      const house = await openHouse(redis.url);
      const queue = house.queue();
      const executed: string[] = [];
      queue.start(async ({ id }) => {
        executed.push(id);
      });
      const tickets = [makeTicket(), makeTicket()] as const;
      await queue.add(tickets[0]);
      await waitFor(() => executed.length === 1, 'the first ticket', 10_000);
      master.freeze();
      await redis.succeeds(master);
      const stored = (): Promise<boolean> =>
        queue.add(tickets[1]).then(
          () => true,
          () => false,
        );
      await waitFor(stored, 'the second ticket stored', 20_000);
      await waitFor(() => executed.includes(tickets[1].id), 'the second ticket', 20_000);
      await house.close();
    } finally {
      await redis.close();
    }
  }, 90_000);
});
