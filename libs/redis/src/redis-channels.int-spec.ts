import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HubError } from '@ringback/contract';
import { RecordingLog } from '@ringback/memory';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import {
  startOwnRedis,
  startRedisCluster,
  type RestartableRedis,
} from '../../../test/support/redis-servers.js';
import { waitUntil } from '../../../test/support/wait-until.js';
import { connectRedis, RedisChannels, type RedisConnections } from './index.js';

jest.setTimeout(60_000);

const text = (message: string) => Buffer.from(message);

describe.each([
  ['one server', startOwnRedis],
  ['a Redis Cluster', startRedisCluster],
])('RedisChannels on %s', (_name, start) => {
  let server: RestartableRedis;
  let log: RecordingLog;
  let prefix: string;
  let here: Node;
  let there: Node;

  interface Node {
    readonly redis: RedisConnections;
    readonly channels: RedisChannels;
  }

  beforeAll(async () => {
    server = await start();
  });

  afterAll(async () => {
    await server.close();
  });

  beforeEach(async () => {
    log = new RecordingLog();
    prefix = `test-${randomUUID()}`;
    [here, there] = [await connect(), await connect()];
  });

  afterEach(async () => {
    for (const { redis } of [here, there]) await redis.close();
  });

  async function connect(): Promise<Node> {
    const redis = await connectRedis({ url: server.url, prefix, log });
    return { redis, channels: new RedisChannels(redis) };
  }

  /** Follows on a node, and collects what arrives there. */
  async function follow({ channels }: Node, channel: string): Promise<string[]> {
    const received: string[] = [];
    const before = await channels.countFollowers(channel);
    channels.follow(channel, (message) => received.push(String(message)));
    await waitUntil(async () => (await channels.countFollowers(channel)) > before, 'a follower');
    return received;
  }

  it('carries a channel to all nodes that follow it, and none that has left', async () => {
    const name = 'chat {1} %7B #/#';
    const [atHere, atThere] = [await follow(here, name), await follow(there, name)];
    expect(await here.channels.countFollowers(name)).toBe(2);
    await here.channels.publish(name, text('both'));
    await waitUntil(async () => atHere.length + atThere.length === 2, 'both messages');
    there.channels.leave(name);
    await waitUntil(async () => (await here.channels.countFollowers(name)) === 1, 'a follower less');
    await here.channels.publish(name, text('one'));
    await waitUntil(async () => atHere.length === 2, 'the second message');
    expect([atHere, atThere]).toEqual([['both', 'one'], ['both']]);
  });

  it('tells channels apart, and carries every byte', async () => {
    const received: Buffer[] = [];
    const other = await follow(there, 'other');
    await follow(there, 'bytes');
    there.channels.follow('bytes', (message) => received.push(message));
    const bytes = Uint8Array.from({ length: 256 }, (_value, index) => index);
    await here.channels.publish('bytes', bytes);
    await waitUntil(async () => received.length > 0, 'the message');
    expect(received).toEqual([Buffer.from(bytes)]);
    expect(other).toEqual([]);
  });

  it('logs what a listener throws, and goes on', async () => {
    const received: string[] = [];
    await follow(there, 'fault');
    there.channels.follow('fault', (message) => {
      if (String(message) === 'bad') throw new Error('A fault of the listener.');
      received.push(String(message));
    });
    await here.channels.publish('fault', text('bad'));
    await here.channels.publish('fault', text('good'));
    await waitUntil(async () => received.length > 0, 'the message behind it');
    expect(log.lines.map(({ message }) => message)).toContain('channel listener failed');
  });

  it('follows again, and what could not be followed at first, when Redis is back', async () => {
    const received = await follow(there, 'before');
    await server.kill();
    const failure = (work: Promise<unknown>) =>
      work.then(
        () => undefined,
        (error: unknown) => error,
      );
    await waitUntil(async () => {
      const errors = await Promise.all([
        failure(here.channels.publish('before', text('lost'))),
        failure(here.channels.countFollowers('before')),
      ]);
      return errors.every((error) => error instanceof HubError && error.code === 'relay-unavailable');
    }, 'the loss of Redis');
    there.channels.follow('meanwhile', (message) => received.push(String(message)));
    await server.restart();
    for (const channel of ['before', 'meanwhile']) {
      await waitUntil(async () => {
        await here.channels.publish(channel, text(channel)).catch(() => undefined);
        return received.includes(channel);
      }, `a message on ${channel}`);
    }
  });

  it('leaves what it does not follow, and whatever it follows without Redis', async () => {
    here.channels.leave('never followed');
    await follow(here, 'followed');
    await server.kill();
    here.channels.leave('followed');
    await server.restart();
  });
});

describe('RedisChannels', () => {
  it('names its channels below the prefix of the cluster', async () => {
    const server = await startOwnRedis();
    const redis = await connectRedis({ url: server.url, prefix: 'hubs', log: new RecordingLog() });
    const channels = new RedisChannels(redis);
    const admin = new Redis(server.url);
    channels.follow('a{b}', () => undefined);
    const followed = async () => (await admin.pubsub('SHARDCHANNELS', 'hubs:channel:*')) as string[];
    await waitUntil(async () => (await followed()).length > 0, 'the channel');
    expect(await followed()).toEqual(['hubs:channel:a%7Bb%7D']);
    admin.disconnect();
    await redis.close();
    await server.close();
  });
});
