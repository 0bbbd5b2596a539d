import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  describeClaims,
  describeClusterKey,
  describeLeaseStore,
  describePeers,
  describeRecordStore,
  describeRelay,
  describeSessionStore,
  describeSubscriptionStore,
  type PortClusterOptions,
} from '@ringback/conformance';
import { RecordingLog } from '@ringback/memory';
import { Redis } from 'ioredis';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RedisPortCluster } from '../../../test/support/redis-port-cluster.js';
import {
  startOwnRedis,
  startRedisCluster,
  type RestartableRedis,
} from '../../../test/support/redis-servers.js';
import { aclRules, CLUSTER_RULES, connectRedis, nodeRights, RedisChannels, RedisKeys } from './index.js';

jest.setTimeout(60_000);

const documented = aclRules(nodeRights(new RedisKeys('rb')));
const rules = aclRules(nodeRights(new RedisKeys('test-*')));
/** What the test reads over the connections of its nodes to see that they are back. */
const PROBES = '~probe-*';
/** A node without it warns. */
const OPTIONAL = '+config|get';
const asUser = (url: string): string => url.replaceAll('redis://', 'redis://hub:secret@');

async function deniedAt(server: Redis): Promise<readonly unknown[]> {
  const denied = (await server.acl('LOG')) as readonly unknown[];
  await server.acl('LOG', 'RESET');
  return denied;
}

describe('a user of Redis with the documented rights', () => {
  let redis: RestartableRedis;
  let admin: Redis;

  beforeAll(async () => {
    redis = await startOwnRedis(['--user', 'hub', 'on', '>secret', ...rules.split(' '), OPTIONAL, PROBES]);
    admin = new Redis(redis.url);
    admin.on('error', () => {}); // while the server starts again
  });
  afterAll(async () => {
    admin.disconnect();
    await redis.close();
  });
  afterEach(async () => {
    expect(await deniedAt(admin)).toEqual([]);
  });

  const open = async (options?: PortClusterOptions) =>
    new RedisPortCluster(redis, options, asUser(redis.url));

  describeRelay('RedisRelay', open);
  describeSubscriptionStore('RedisSubscriptionStore', open);
  describeSessionStore('RedisSessionStore', open);
  describePeers('RedisPeers', open);
  describeClaims('RedisClaims', open);
  describeClusterKey('RedisClusterKey', open);
  describeRecordStore('RedisRecordStore', open);
  describeLeaseStore('RedisLeaseStore', open);

  it('lets libraries at the edge have channels, and count who follows', async () => {
    const connections = await connectRedis({
      url: asUser(redis.url),
      prefix: 'test-x',
      log: new RecordingLog(),
    });
    const channels = new RedisChannels(connections);
    channels.follow('c', () => {});
    while ((await channels.countFollowers('c')) === 0);
    await channels.publish('c', Buffer.from('x'));
    await connections.close();
  });

  it('leaves nothing behind in Redis that the check of the rights has tried', async () => {
    const connections = await connectRedis({
      url: asUser(redis.url),
      prefix: 'test-y',
      log: new RecordingLog(),
    });
    await connections.close();
    expect(await admin.keys('test-y:*')).toEqual(['test-y:format']);
  });
});

describe('a user of Redis without one of the rights', () => {
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

  /** What a start with these rules says. */
  async function problemWith(...own: readonly string[]): Promise<string> {
    await admin.acl('SETUSER', 'hub', 'reset', 'on', '>secret', ...documented.split(' '), ...own);
    try {
      const connections = await connectRedis({ url: asUser(redis.url), log: new RecordingLog() });
      await connections.close();
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  }

  it('starts with all of them', async () => {
    expect(await problemWith()).toBe('');
  });

  it.each(documented.split(' ').filter((rule) => rule.startsWith('+') && rule !== '+info'))(
    'is told that %s is missing',
    async (rule) => {
      expect(await problemWith(rule.replace('+', '-'))).toBe(
        `Redis denies the user hub what is needed: ${rule}; add it with ACL SETUSER, docs/operations.md has the whole line.`,
      );
    },
  );

  it('is told what Redis says without INFO, which is asked first', async () => {
    expect(await problemWith('-info')).toMatch(/denies a right that is needed \(NOPERM .*'info'.*\)/);
  });

  it('is told which keys and channels are missing', async () => {
    expect(await problemWith('resetkeys', '~rb:{*')).toContain('what is needed: ~rb:*;');
    expect(await problemWith('resetkeys', '%R~rb:*')).toContain('what is needed: ~rb:*');
    expect(await problemWith('resetchannels', '&rb:{*')).toContain('what is needed: &rb:*;');
    expect(await problemWith('resetkeys', 'resetchannels', '-hset')).toContain(
      'what is needed: ~rb:* &rb:* +hset;',
    );
  });
});

describe('a user of a Redis Cluster with the documented rights', () => {
  it('is denied nothing', async () => {
    const redis = await startRedisCluster();
    const admins = redis.url.split(',').map((url) => new Redis(url));
    try {
      const all = [...documented.split(' '), ...CLUSTER_RULES.split(' '), OPTIONAL];
      for (const admin of admins) await admin.acl('SETUSER', 'hub', 'on', '>secret', ...all);
      const connections = await connectRedis({ url: asUser(redis.url), log: new RecordingLog() });
      const channels = new RedisChannels(connections);
      channels.follow('c', () => {});
      while ((await channels.countFollowers('c')) === 0);
      await connections.close();
      for (const admin of admins) expect(await deniedAt(admin)).toEqual([]);
    } finally {
      for (const admin of admins) admin.disconnect();
      await redis.close();
    }
  });
});

describe('docs/operations.md', () => {
  it('has the rights as a line to copy', async () => {
    const page = await readFile(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
    expect(page).toContain(`ACL SETUSER ringback on >PASSWORD ${documented}\n`);
    expect(page).toContain(`ACL SETUSER ringback ${CLUSTER_RULES}\n`);
  });
});
