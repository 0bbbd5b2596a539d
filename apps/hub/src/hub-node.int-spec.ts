import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { defineProtocol } from '@ringback/gateway-kit';
import { RecordingLog } from '@ringback/memory';
import { Redis } from 'ioredis';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, RedisProcess } from '../../../test/support/redis-process.js';
import { waitUntil } from '../../../test/support/wait-until.js';
import { readConfig } from './config.js';
import { HubNode } from './hub-node.js';

@Module({})
class BrokenModule {}

const broken = defineProtocol({
  name: 'broken',
  settings: {},
  reservedPaths: () => [],
  module: () => ({
    module: BrokenModule,
    providers: [{ provide: 'broken', useFactory: () => Promise.reject(new Error('broken')) }],
  }),
});

describe('a node that Nest cannot make', () => {
  let directory: string;
  let redis: RedisProcess;
  let client: Redis;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ringback-hub-'));
    redis = new RedisProcess(directory, await freePort());
    await redis.start();
    client = new Redis(redis.url);
  });

  afterAll(async () => {
    client.disconnect();
    await redis.kill();
    await rm(directory, { recursive: true, force: true });
  });

  it('leaves no connection to Redis behind', async () => {
    const config = readConfig({ PORT: '0', REDIS_URL: redis.url }, { protocols: [broken], bridges: [] });
    await expect(HubNode.start(config, new RecordingLog())).rejects.toThrow('broken');
    await waitUntil(async () => {
      const clients = String(await client.client('LIST')).trim();
      return clients.split('\n').length === 1;
    }, 'no client but the one that asks');
  });
});
