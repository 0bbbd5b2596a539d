import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parseEventGuid, type EventGuid, type Published } from '@ringback/contract';
import type { Log, LogFields } from '@ringback/core';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  startOwnRedis,
  startRedisCluster,
  type RestartableRedis,
} from '../../../test/support/redis-servers.js';
import { waitUntil } from '../../../test/support/wait-until.js';
import { connectRedis, RedisRelay, type RedisConnections } from './index.js';

jest.setTimeout(60_000);

/** Later a load balancer need not notice. */
const NOTICED_MS = 3_000;
const USER = 'node';
const RIGHTS = ['on', '>secret', 'allkeys', 'allchannels', '+@all'];

/** How a server is brought to refuse, and how it is mended. */
interface Refusal {
  readonly word: string;
  readonly refuse: (server: Redis) => Promise<unknown>;
  readonly mend: (server: Redis) => Promise<unknown>;
}

/** Where Redis saves, a directory is in the way. */
async function obstacle(server: Redis): Promise<string> {
  const [, directory = ''] = await server.config('GET', 'dir');
  const [, file = ''] = await server.config('GET', 'dbfilename');
  return join(directory, file);
}

async function save(server: Redis, status: 'ok' | 'err'): Promise<void> {
  await server.bgsave();
  await waitUntil(async () => {
    const info = await server.info('persistence');
    return info.includes('rdb_bgsave_in_progress:0') && info.includes(`rdb_last_bgsave_status:${status}`);
  }, `a save that ends with ${status}`);
}

const restoreRights = (server: Redis) => server.acl('SETUSER', USER, 'reset', ...RIGHTS);

const FULL: Refusal = {
  word: 'OOM',
  refuse: (server) => server.config('SET', 'maxmemory', '1'),
  mend: (server) => server.config('SET', 'maxmemory', '0'),
};

const CANNOT_SAVE: Refusal = {
  word: 'MISCONF',
  refuse: async (server) => {
    const path = await obstacle(server);
    await rm(path, { force: true });
    await mkdir(path);
    await server.config('SET', 'save', '3600 1000000');
    await save(server, 'err');
  },
  mend: async (server) => {
    await rm(await obstacle(server), { recursive: true });
    await save(server, 'ok');
    await server.config('SET', 'save', '');
  },
};

const IS_REPLICA: Refusal = {
  word: 'READONLY',
  refuse: (server) => server.replicaof('127.0.0.1', 1),
  mend: (server) => server.replicaof('NO', 'ONE'),
};

const LACKS_REPLICAS: Refusal = {
  word: 'NOREPLICAS',
  refuse: (server) => server.config('SET', 'min-replicas-to-write', '1'),
  mend: (server) => server.config('SET', 'min-replicas-to-write', '0'),
};

const lacksRights = (...rights: readonly string[]): Refusal => ({
  word: 'NOPERM',
  refuse: (server) => server.acl('SETUSER', USER, ...rights),
  mend: restoreRights,
});

/** Keeps the log lines. */
class RecordingLog implements Log {
  readonly lines: { readonly message: string; readonly fields: LogFields | undefined }[] = [];
  readonly debug = () => {};
  readonly info = (message: string, fields?: LogFields) => void this.lines.push({ message, fields });
  readonly warn = this.info;
  readonly error = this.info;

  refusals(): readonly unknown[] {
    const about = this.lines.filter(({ message }) => message === 'redis refuses writes');
    return about.map(({ fields }) => fields?.['refusal']);
  }
}

/** A node of the hub, as far as triggers go, as a user of its own. */
class Node {
  readonly log = new RecordingLog();

  private constructor(
    private readonly redis: RedisConnections,
    readonly relay: RedisRelay,
    log: RecordingLog,
  ) {
    this.log = log;
  }

  static async start({ url }: RestartableRedis): Promise<Node> {
    const log = new RecordingLog();
    const as = url.replaceAll('redis://', `redis://${USER}:secret@`);
    const redis = await connectRedis({ url: as, prefix: `test-${randomUUID()}`, log });
    const node = new Node(redis, new RedisRelay(redis), log);
    await waitUntil(async () => node.relay.healthy, 'the links');
    return node;
  }

  trigger(eventguid: EventGuid): Promise<Published> {
    return this.relay.publish({ eventguid, data: 'data', removeAfterSend: false });
  }

  /** How long it takes until the condition is true. */
  async timeUntil(condition: () => boolean, what: string): Promise<number> {
    const start = performance.now();
    await waitUntil(async () => condition(), what);
    return performance.now() - start;
  }

  /** An event of the master that refuses. */
  async findRefused(): Promise<EventGuid> {
    let eventguid = parseEventGuid(randomUUID());
    await waitUntil(async () => {
      eventguid = parseEventGuid(randomUUID());
      const error: unknown = await this.trigger(eventguid).catch((reason: unknown) => reason);
      return (error as { code?: string }).code === 'cluster-refuses-writes';
    }, 'a refusal');
    return eventguid;
  }

  close(): Promise<void> {
    return this.redis.close();
  }
}

describe.each([
  ['one server', startOwnRedis, [FULL, CANNOT_SAVE, IS_REPLICA, LACKS_REPLICAS]],
  ['one master of a Redis Cluster', startRedisCluster, [FULL, CANNOT_SAVE, LACKS_REPLICAS]],
])('a node whose Redis, %s, refuses writes', (_name, startServers, refusals) => {
  let servers: RestartableRedis;
  let admins: Redis[];
  let node: Node;

  beforeAll(async () => {
    servers = await startServers();
    admins = servers.url.split(',').map((url) => new Redis(url));
    await Promise.all(admins.map(restoreRights));
  });

  afterAll(async () => {
    for (const admin of admins) admin.disconnect();
    await servers.close();
  });

  beforeEach(async () => {
    node = await Node.start(servers);
  });

  afterEach(async () => {
    await node.close();
  });

  async function expectNoticed({ word, refuse, mend }: Refusal): Promise<void> {
    const { relay, log } = node;
    const [server] = admins;
    await refuse(server!);
    expect(await node.timeUntil(() => relay.refusal === word, word)).toBeLessThan(NOTICED_MS);
    expect(relay.healthy).toBe(false);
    await mend(server!);
    expect(await node.timeUntil(() => relay.healthy, 'health')).toBeLessThan(NOTICED_MS);
    expect(relay.refusal).toBeUndefined();
    expect(log.refusals()).toEqual([word]);
    expect(log.lines.map(({ message }) => message)).toContain('redis accepts writes again');
  }

  it.each(refusals)(
    'is not ready for $word within three seconds, and ready again when it is mended',
    (refusal) => expectNoticed(refusal),
  );

  it.each(refusals)(
    'answers a trigger that $word refuses as not accepted, and it is not',
    async ({ word, refuse, mend }) => {
      const [server] = admins;
      await refuse(server!);
      const eventguid = await node.findRefused();
      await mend(server!);
      let accepted: Published | undefined;
      await waitUntil(async () => {
        accepted = await node.trigger(eventguid).catch(() => undefined);
        return accepted !== undefined;
      }, `the first trigger after ${word}`);
      expect(accepted?.position.offset).toBe(1);
    },
  );

  it.each([
    ['scripts', ['-evalsha', '-eval']],
    ['keys', ['resetkeys', '~others:*']],
    ['a command within scripts', ['-hset']],
    ['lists', ['-rpush']],
    ['channels', ['resetchannels', '&others:*']],
  ])('is not ready within three seconds when it has no rights to %s any more', async (_what, rights) => {
    await expectNoticed(lacksRights(...rights));
  });
});

describe('the probe of a node', () => {
  it('leaves nothing behind', async () => {
    const server = await startOwnRedis();
    const admin = new Redis(server.url);
    await restoreRights(admin);
    const node = await Node.start(server);
    const keys = await admin.keys('*');
    expect(keys.filter((key) => key.includes(':probe:'))).toEqual([]);
    await node.close();
    admin.disconnect();
    await server.close();
  });
});
