import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { PinoLog } from '@ringback/platform';
import { connectRedis, type RedisConnections } from '@ringback/redis';
import { Redis } from 'ioredis';
import { startOwnRedis, type RestartableRedis } from '../../../../test/support/redis-servers.js';
import { AgentKeys } from '../agent-keys.js';
import { makeTicket, QUEUE_OPTIONS } from '../testing/ticket-samples.js';
import { BullmqTicketQueue } from './bullmq-ticket-queue.js';

jest.setTimeout(60_000);

const NOTICED_MS = 3_000;
/** For so long commands and lines are counted. */
const WATCHED_MS = 4_000;
const RIGHTS = ['on', '>secret', 'allkeys', 'allchannels', '+@all'];

/** How Redis is brought to refuse, and with which word; without one it goes on taking writes. */
interface Refusal {
  readonly word?: string;
  readonly refuse: (admin: Redis) => Promise<unknown>;
}

const withoutRights =
  (...rights: readonly string[]) =>
  (admin: Redis) =>
    admin.acl('SETUSER', 'agent', ...rights);

const REFUSALS: readonly (readonly [what: string, refusal: Refusal])[] = [
  ['has no memory', { word: 'OOM', refuse: (admin) => admin.config('SET', 'maxmemory', '1') }],
  ['is a replica', { word: 'READONLY', refuse: (admin) => admin.replicaof('127.0.0.1', 1) }],
  ['runs no scripts', { word: 'NOPERM', refuse: withoutRights('-evalsha', '-eval') }],
  ['lets nobody write', { word: 'NOPERM', refuse: withoutRights('-@write') }],
  ['lets nobody wait', { refuse: withoutRights('-bzpopmin') }],
  ['lets nobody do anything', { word: 'NOPERM', refuse: withoutRights('-@all') }],
];

async function mend(admin: Redis): Promise<void> {
  await admin.config('SET', 'maxmemory', '0');
  await admin.replicaof('NO', 'ONE');
  await admin.acl('SETUSER', 'agent', 'reset', ...RIGHTS);
}

describe('the queue of an agent whose Redis', () => {
  let server: RestartableRedis;
  let admin: Redis;
  let connections: RedisConnections;
  let lines: string[];
  let queue: BullmqTicketQueue;
  let executed: string[];
  let prefixes = 0;

  beforeAll(async () => {
    server = await startOwnRedis();
    admin = new Redis(server.url);
  });

  afterAll(async () => {
    admin.disconnect();
    await server.close();
  });

  beforeEach(async () => {
    await mend(admin);
    lines = [];
    const log = new PinoLog({ level: 'info', destination: { write: (line) => lines.push(line) } });
    const prefix = `agent-refusals-${++prefixes}`;
    connections = await connectRedis({
      url: server.url.replace('redis://', 'redis://agent:secret@'),
      prefix,
      log,
    });
    queue = new BullmqTicketQueue(
      connections,
      new AgentKeys(prefix),
      { ...QUEUE_OPTIONS, concurrency: 4 },
      log,
    );
    executed = [];
    queue.start(async ({ id }) => void executed.push(id));
    await queue.add(makeTicket());
    await waitFor(() => executed.length === 1 && queue.healthy, 'the first ticket');
  });

  afterEach(async () => {
    await mend(admin);
    await queue.stop(0);
    await queue.close();
    await connections.close();
  });

  async function commandsSoFar(): Promise<number> {
    const info = await admin.info('commandstats');
    return [...info.matchAll(/calls=(\d+).*?rejected_calls=(\d+)/g)].reduce(
      (sum, [, calls, rejected]) => sum + Number(calls) + Number(rejected),
      0,
    );
  }

  describe.each(REFUSALS)('%s', (_what, { word, refuse }) => {
    it('asks a few times a second, and says so in a few lines', async () => {
      await refuse(admin);
      const [start, before] = [performance.now(), await commandsSoFar()];
      lines.length = 0;
      await waitFor(() => performance.now() - start > WATCHED_MS, 'the time', WATCHED_MS + 1_000);
      expect((await commandsSoFar()) - before).toBeLessThan((WATCHED_MS / 1_000) * 100);
      expect(lines.length).toBeLessThan(40);
    });

    it('is noticed within three seconds where it refuses writes, and carries on when it is mended', async () => {
      const start = performance.now();
      await refuse(admin);
      if (word !== undefined) {
        await waitFor(() => queue.refusal === word, word, 10_000);
        expect(performance.now() - start).toBeLessThan(NOTICED_MS);
        expect(queue.healthy).toBe(false);
        await expect(queue.add(makeTicket())).rejects.toMatchObject({ name: 'HubError', temporary: true });
      }
      await mend(admin);
      await waitFor(() => queue.healthy, 'health', 10_000);
      const ticket = makeTicket();
      await queue.add(ticket);
      await waitFor(() => executed.includes(ticket.id), 'the ticket', 20_000);
    });
  });

  it('has no memory answers that the ticket was not stored', async () => {
    await admin.config('SET', 'maxmemory', '1');
    await expect(queue.add(makeTicket())).rejects.toMatchObject({ code: 'cluster-refuses-writes' });
  });
});
