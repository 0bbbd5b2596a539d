import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parseEventGuid, type EventGuid, type Published } from '@ringback/contract';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { RecordingLog } from '@ringback/memory';
import {
  startOwnRedis,
  startRedisCluster,
  type RestartableRedis,
} from '../../../test/support/redis-servers.js';
import { connectRedis, RedisRelay, type RedisConnections } from './index.js';

jest.setTimeout(60_000);

const TRIGGERS = 1_000;
const fresh = (): EventGuid => parseEventGuid(randomUUID());
const offsets = (published: readonly Published[]): number[] =>
  published.map(({ position }) => position.offset);
const ascending = Array.from({ length: TRIGGERS }, (_, index) => index + 1);

describe('triggers that do not wait for one another', () => {
  let server: RestartableRedis;
  let admin: Redis;
  let redis: RedisConnections;
  let relay: RedisRelay;

  const publish = (eventguid: EventGuid): Promise<Published> =>
    relay.publish({ eventguid, data: '', removeAfterSend: false });

  /** Calls that come turn by turn, as from a socket; between two of them anything may happen. */
  async function publishAll(eventguid: EventGuid, between: (index: number) => void): Promise<number[]> {
    const published: Promise<Published>[] = [];
    for (let index = 0; index < TRIGGERS; index++) {
      published.push(publish(eventguid));
      between(index);
      if (index % 10 === 0) await new Promise(setImmediate);
    }
    return offsets(await Promise.all(published));
  }

  beforeAll(async () => {
    server = await startOwnRedis();
    admin = new Redis(server.url);
  });

  afterAll(async () => {
    admin.disconnect();
    await server.close();
  });

  beforeEach(async () => {
    redis = await connectRedis({ url: server.url, prefix: `test-${randomUUID()}`, log: new RecordingLog() });
    relay = new RedisRelay(redis);
  });

  afterEach(async () => {
    await redis.close();
  });

  it('are accepted in order by a server that does not know the script yet', async () => {
    await admin.script('FLUSH');
    expect(await publishAll(fresh(), () => {})).toEqual(ascending);
  });

  it('are accepted in order by a server that loses its scripts meanwhile, again and again', async () => {
    const eventguid = fresh();
    const flushes: Promise<unknown>[] = [];
    const flush = (index: number): void => {
      if (index % 50 === 25) flushes.push(admin.script('FLUSH'));
    };
    expect(await publishAll(eventguid, flush)).toEqual(ascending);
    await Promise.all(flushes);
  });

  it('find the script on a new connection, so that none is refused while others load it', async () => {
    await admin.script('FLUSH');
    const monitor = await admin.monitor();
    const seen: string[] = [];
    monitor.on('monitor', (_time: string, [name = '']: string[]) => seen.push(name.toLowerCase()));
    await Promise.all(Array.from({ length: 5 }, () => publish(fresh())));
    await admin.ping();
    expect(seen.filter((name) => ['script', 'evalsha', 'eval'].includes(name)).slice(0, 6)).toEqual([
      'script',
      ...Array.from({ length: 5 }, () => 'evalsha'),
    ]);
    monitor.disconnect();
  });
});

describe('triggers on a Redis Cluster whose slots move', () => {
  let server: RestartableRedis;
  let admins: readonly Redis[];
  let redis: RedisConnections;
  let relay: RedisRelay;

  beforeAll(async () => {
    server = await startRedisCluster();
    admins = server.url.split(',').map((url) => new Redis(url));
    redis = await connectRedis({ url: server.url, prefix: `test-${randomUUID()}`, log: new RecordingLog() });
    relay = new RedisRelay(redis);
  });

  afterAll(async () => {
    await redis.close();
    for (const admin of admins) admin.disconnect();
    await server.close();
  });

  /** Hands the slot over to another master, with all that it holds, as `redis-cli --cluster reshard` does. */
  async function moveSlot(slot: number): Promise<void> {
    const ids = await Promise.all(admins.map((admin) => admin.cluster('MYID')));
    const from = admins[await ownerOf(slot)]!;
    const target = (await ownerOf(slot)) === 0 ? 1 : 0;
    const to = admins[target]!;
    await to.cluster('SETSLOT', slot, 'IMPORTING', ids[admins.indexOf(from)]!);
    await from.cluster('SETSLOT', slot, 'MIGRATING', ids[target]!);
    for (const key of await from.cluster('GETKEYSINSLOT', slot, 1_000)) {
      await from.migrate('127.0.0.1', Number(to.options.port), key, 0, 5_000);
    }
    for (const admin of [to, from]) await admin.cluster('SETSLOT', slot, 'NODE', ids[target]!);
  }

  async function ownerOf(slot: number): Promise<number> {
    const slots: unknown = await admins[0]!.cluster('SLOTS');
    const ranges = slots as readonly [number, number, readonly [string, number]][];
    const port = ranges.find(([first, last]) => first <= slot && slot <= last)?.[2][1];
    return admins.findIndex(({ options }) => options.port === port);
  }

  it('are accepted in order, and each names its master as it is known then', async () => {
    const eventguid = fresh();
    const slot = await admins[0]!.cluster('KEYSLOT', redis.keys.channel(eventguid));
    const before = relay.shardOf(eventguid);
    const over = new AbortController();
    const moved = moveSlot(slot).finally(() => over.abort());
    const published: Promise<Published>[] = [];
    while (!over.signal.aborted || published.length < TRIGGERS) {
      published.push(relay.publish({ eventguid, data: '', removeAfterSend: false }));
      if (published.length % 10 === 0) await new Promise(setImmediate);
    }
    await moved;
    const answered = offsets(await Promise.all(published));
    expect(answered).toEqual(answered.map((_, index) => index + 1));
    await redis.topology.refresh();
    expect(relay.shardOf(eventguid)).not.toBe(before);
  });
});
