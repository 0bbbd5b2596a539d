import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parseEventGuid } from '@ringback/contract';
import { RecordingLog } from '@ringback/memory';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { startOwnRedis, type RestartableRedis } from '../../../test/support/redis-servers.js';
import { waitUntil } from '../../../test/support/wait-until.js';
import { connectRedis, RedisPeers, RedisRelay, type RedisConnections } from './index.js';

jest.setTimeout(60_000);

describe('RedisPeers', () => {
  let server: RestartableRedis;
  let admin: Redis;
  let redis: RedisConnections;
  let log: RecordingLog;
  let peers: RedisPeers;

  beforeAll(async () => {
    server = await startOwnRedis();
    admin = new Redis(server.url);
  });

  afterAll(async () => {
    admin.disconnect();
    await server.close();
  });

  beforeEach(async () => {
    log = new RecordingLog();
    redis = await connectRedis({ url: server.url, prefix: `test-${randomUUID()}`, log });
    peers = new RedisPeers(redis);
  });

  afterEach(async () => {
    await redis.close();
  });

  it('hears again after its connection was cut', async () => {
    const heard: string[] = [];
    await peers.hear('node', ({ kind }) => heard.push(kind));
    await admin.call('client', 'kill', 'type', 'pubsub');
    await waitUntil(async () => {
      await peers.tell('node', { kind: 'replaced', connectionId: 'c' });
      return heard.length > 0;
    }, 'a message');
  });

  it('shares the connection with the events, and neither hears what is meant for the other', async () => {
    const eventguid = parseEventGuid(randomUUID());
    const relay = new RedisRelay(redis);
    const [heard, offsets]: [string[], number[]] = [[], []];
    await peers.hear('node', ({ kind }) => heard.push(kind));
    relay.listen({
      onEnvelope: ({ envelope }) => offsets.push(envelope.position.offset),
      onRemoved: () => {},
      onPresence: () => {},
      onDoubt: () => {},
      onFailover: () => {},
    });
    await relay.follow(eventguid);
    await relay.publish({ eventguid, data: 'data', removeAfterSend: false });
    await peers.tell('node', { kind: 'replaced', connectionId: 'c' });
    await waitUntil(async () => heard.length > 0 && offsets.length > 0, 'both');
    expect([heard, offsets]).toEqual([['replaced'], [1]]);
  });

  it('drops and logs what it cannot read, survives a listener that throws, and goes on', async () => {
    const heard: string[] = [];
    await peers.hear('node', (message) => {
      if (message.kind !== 'replaced') throw new Error('A fault of the listener.');
      heard.push(message.connectionId);
    });
    await admin.spublish(redis.keys.peer('node'), 'garbage');
    await peers.tell('node', { kind: 'receipt', receiptId: 'r', delivered: 1, queued: 0, dropped: 0 });
    await peers.tell('node', { kind: 'replaced', connectionId: 'c' });
    await waitUntil(async () => heard.length > 0, 'the message');
    expect(log.lines.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['redis entry unreadable', 'peer listener failed']),
    );
  });
});
