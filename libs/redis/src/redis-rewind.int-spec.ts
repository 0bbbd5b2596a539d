import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_LIMITS, HubError, parseEventGuid, type Position } from '@ringback/contract';
import { waitFor } from '@ringback/conformance';
import { Hub, type Codec, type Connection, type HubPorts } from '@ringback/core';
import { CountingMetrics, OpenAccess, SilentLog, SystemClock } from '@ringback/memory';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { startOwnRedis, type RestartableRedis } from '../../../test/support/redis-servers.js';
import {
  connectRedis,
  RedisClaims,
  RedisClusterKey,
  RedisLeaseStore,
  RedisPeers,
  RedisRecordStore,
  RedisRelay,
  RedisSessionStore,
  RedisSubscriptionStore,
  type RedisConnections,
} from './index.js';

jest.setTimeout(60_000);

const eventguid = parseEventGuid('e');
const anyone = { name: 'anyone' };
const subscriber = 'n:anyone/s';
const session = { subscriberId: 's', resume: 'on-connect' } as const;

/** Frames that can be read: `offset:data→cookie`, with a `!` after a gap. */
const codec: Codec = {
  name: 'readable',
  encodeCookie: (cookie) => cookie,
  prepare: ({ position, data }, gap) => {
    const head = `${position.offset}:${String(data)}${gap ? '!' : ''}→`;
    return (cookie) => head + cookie;
  },
};

/** A connection that keeps what it is sent. */
class Client implements Connection {
  readonly gateway = 'test';
  readonly connectionId = randomUUID();
  readonly codec = codec;
  readonly bufferedBytes = 0;
  readonly frames: string[] = [];

  send(frames: readonly string[]): void {
    this.frames.push(...frames);
  }

  close(): void {}

  async receives(count: number): Promise<readonly string[]> {
    await waitFor(() => this.frames.length >= count, `${count} frames`);
    return this.frames;
  }
}

/** Redis has come back with what it had a while ago: from a replica that lagged, say. */
describe('Hub on Redis, after a rewind', () => {
  let server: RestartableRedis;
  let admin: Redis;
  let redis: RedisConnections;
  let sessions: RedisSessionStore;
  let subscriptions: RedisSubscriptionStore;
  const hubs: Hub[] = [];

  const startHub = async (ports: Partial<HubPorts> = {}): Promise<Hub> => {
    const outside = {
      access: new OpenAccess(),
      clock: new SystemClock(),
      log: new SilentLog(),
      metrics: new CountingMetrics(),
    };
    const stores = {
      relay: new RedisRelay(redis),
      leases: new RedisLeaseStore(redis),
      peers: new RedisPeers(redis),
      claims: new RedisClaims(redis),
      clusterKey: new RedisClusterKey(redis),
      records: new RedisRecordStore(redis),
    };
    const hub = new Hub(
      { ...outside, ...stores, sessions, subscriptions, ...ports },
      { nodeId: randomUUID(), address: 'http://node', version: '0', limits: DEFAULT_LIMITS, leaseMs: 15_000 },
    );
    await hub.start();
    hubs.push(hub);
    return hub;
  };

  const triggerEach = async (hub: Hub, ...all: readonly string[]): Promise<Position> => {
    let last: Position = { epoch: '', offset: 0 };
    for (const data of all) {
      const removeAfterSend = data === 'cut';
      last = (await hub.trigger(anyone, { eventguid, data, removeAfterSend })).position;
    }
    return last;
  };

  /** Subscribes, and gets the first two envelopes. */
  const subscribe = async (hub: Hub, client: Client, named?: typeof session): Promise<void> => {
    hub.connect(client, anyone, named);
    await hub.subscribe(client.connectionId, { eventguid, cookie: 'c' });
    await triggerEach(hub, '1', '2');
    await client.receives(2);
  };

  const leave = async (hub: Hub, { connectionId }: Client): Promise<void> => {
    hub.disconnect(connectionId);
    await waitFor(async () => (await sessions.find(subscriber))?.expiresAt, 'the session away');
  };

  /** Resolves to what takes the keys back to what they hold now. */
  const snapshot = async (...keys: readonly string[]): Promise<() => Promise<void>> => {
    const dumps = await Promise.all(keys.map(async (key) => [key, await admin.dumpBuffer(key)] as const));
    return async () => {
      await Promise.all(dumps.map(([key, dump]) => admin.restore(key, 0, dump, 'REPLACE')));
    };
  };

  /** The same for the event, which finds itself on another master then. */
  const snapshotOfEvent = async (subscribers: 'subs' | 'named'): Promise<() => Promise<void>> => {
    const { keys } = redis;
    const meta = keys.meta(eventguid);
    const rewind = await snapshot(meta, keys.log(eventguid), keys[subscribers](eventguid));
    return async () => {
      await rewind();
      await admin.hset(meta, 'run', 'another');
    };
  };

  beforeAll(async () => {
    server = await startOwnRedis();
    admin = new Redis(server.url);
  });

  afterAll(async () => {
    admin.disconnect();
    await server.close();
  });

  beforeEach(async () => {
    redis = await connectRedis({ url: server.url, prefix: `test-${randomUUID()}`, log: new SilentLog() });
    sessions = new RedisSessionStore(redis);
    subscriptions = new RedisSubscriptionStore(redis);
  });

  afterEach(async () => {
    await Promise.all(hubs.splice(0).map((hub) => hub.drain()));
    await redis.close();
  });

  it('gives no connection the generation of one that the rewind has lost', async () => {
    const claimOf = (connectionId: string) => ({
      subscriber,
      connectionId,
      lease: { nodeId: `node-${connectionId}`, generation: 'g' },
    });
    await sessions.take(claimOf('first'));
    const rewind = await snapshot(redis.keys.session(subscriber));
    const lost = await sessions.take(claimOf('lost'));
    await rewind();
    const { generation } = await sessions.take(claimOf('last'));
    expect(generation).not.toBe(lost.generation);
    expect(await sessions.restore(claimOf('lost'), lost.generation, new Map())).toBe(false);
    const both = [lost.generation, generation].map((one) => ({ subscriber, generation: one }));
    expect(await sessions.held(both)).toEqual([false, true]);
  });

  it('settles no one-shot by an acknowledgement of what came before the rewind', async () => {
    let isAway = false;
    let settled = 0;
    const acknowledge: RedisSessionStore['acknowledge'] = (...args) =>
      isAway ? Promise.reject(new HubError('relay-unavailable')) : sessions.acknowledge(...args);
    const settle: RedisSubscriptionStore['settle'] = async (...args) => {
      const upTo = await subscriptions.settle(...args);
      settled++;
      return upTo;
    };
    const hub = await startHub({
      sessions: Object.assign(new RedisSessionStore(redis), { acknowledge }),
      subscriptions: Object.assign(new RedisSubscriptionStore(redis), { settle }),
    });
    const client = new Client();
    await subscribe(hub, client, session);
    const rewind = await snapshotOfEvent('named');
    const last = await triggerEach(hub, '3', '4', '5');
    await client.receives(5);
    isAway = true;
    await hub.acknowledge(client.connectionId, eventguid, last);
    await rewind();
    await triggerEach(hub, 'cut');
    expect(await client.receives(6)).toEqual(['1:1→c', '2:2→c', '3:3→c', '4:4→c', '5:5→c', '3:cut!→c']);
    isAway = false;
    await waitFor(() => settled > 0, 'the acknowledgement');
    await leave(hub, client);
    const again = new Client();
    hub.connect(again, anyone, session);
    expect(await again.receives(1)).toEqual(['3:cut!→c']);
  });

  it('delivers all that came since, with the gap, to a named subscriber who comes back', async () => {
    const hub = await startHub();
    const client = new Client();
    await subscribe(hub, client, session);
    const rewind = await snapshotOfEvent('named');
    const last = await triggerEach(hub, '3', '4', '5');
    await client.receives(5);
    await hub.acknowledge(client.connectionId, eventguid, last);
    await leave(hub, client);
    expect((await sessions.find(subscriber))?.events).toEqual([{ eventguid, acknowledged: last }]);
    await rewind();
    await triggerEach(hub, 'x', 'y');
    const again = new Client();
    hub.connect(again, anyone, session);
    await again.receives(2);
    await triggerEach(hub, 'z');
    expect(await again.receives(3)).toEqual(['3:x!→c', '4:y→c', '5:z→c']);
  });

  it('tells an ephemeral subscriber of the gap with the one-shot that follows', async () => {
    const hub = await startHub();
    const client = new Client();
    await subscribe(hub, client);
    const rewind = await snapshotOfEvent('subs');
    await triggerEach(hub, '3', '4', '5');
    await client.receives(5);
    await rewind();
    await triggerEach(hub, 'cut');
    expect((await client.receives(6)).at(-1)).toBe('3:cut!→c');
  });
});
