import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parseEventGuid, type EventGuid } from '@ringback/contract';
import type { RelayListener, Relayed } from '@ringback/core';
import { RecordingLog } from '@ringback/memory';
import { Redis } from 'ioredis';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, RedisProcess } from '../../../test/support/redis-process.js';
import {
  startOwnRedis,
  startRedisCluster,
  type RestartableRedis,
} from '../../../test/support/redis-servers.js';
import { TcpProxy } from '../../../test/support/tcp-proxy.js';
import { waitUntil } from '../../../test/support/wait-until.js';
import { connectRedis, RedisRelay, type RedisConnections } from './index.js';

jest.setTimeout(60_000);

const run = promisify(execFile);

const WITHOUT_PERSISTENCE = ['--appendonly', 'no'];

/** A node: what it hears, and when its health turned. */
class Node implements RelayListener {
  readonly offsets: number[] = [];
  readonly doubted: EventGuid[] = [];
  failovers = 0;

  private constructor(
    readonly redis: RedisConnections,
    readonly relay: RedisRelay,
    readonly log: RecordingLog,
  ) {
    relay.listen(this);
  }

  static async start(url: string): Promise<Node> {
    const log = new RecordingLog();
    const redis = await connectRedis({ url, prefix: `test-${randomUUID()}`, log });
    const node = new Node(redis, new RedisRelay(redis), log);
    await node.turns(true);
    return node;
  }

  onEnvelope({ envelope }: Relayed): void {
    this.offsets.push(envelope.position.offset);
  }

  onRemoved(): void {}
  onPresence(): void {}

  onDoubt(eventguids: readonly EventGuid[]): void {
    this.doubted.push(...eventguids);
  }

  onFailover(): void {
    this.failovers++;
  }

  async followNew(): Promise<EventGuid> {
    const eventguid = parseEventGuid(randomUUID());
    await this.relay.follow(eventguid);
    return eventguid;
  }

  publish(eventguid: EventGuid) {
    return this.relay.publish({ eventguid, data: 'data', removeAfterSend: false });
  }

  /** Resolves to how long it took until the health was this. */
  async turns(healthy: boolean): Promise<number> {
    const start = performance.now();
    await waitUntil(async () => this.relay.healthy === healthy, `healthy: ${healthy}`);
    return performance.now() - start;
  }

  /** Resolves once the event has been doubted since it was forgotten. */
  async doubts(eventguid: EventGuid): Promise<void> {
    await waitUntil(async () => this.doubted.includes(eventguid), 'the doubt');
  }

  /** Whether an envelope published now is heard. */
  async hears(eventguid: EventGuid): Promise<boolean> {
    const { position, nodes } = await this.publish(eventguid);
    await this.relay.standings([eventguid]);
    return nodes === 1 && this.offsets.includes(position.offset);
  }
}

const nodes: Node[] = [];
const closers: (() => Promise<void>)[] = [];

async function startNode(url: string): Promise<Node> {
  const node = await Node.start(url);
  nodes.push(node);
  return node;
}

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(({ redis }) => redis.close()));
  for (const close of closers.splice(0)) await close();
});

describe('a relay on one Redis server', () => {
  let server: RestartableRedis;
  let admin: Redis;

  beforeAll(async () => {
    server = await startOwnRedis();
    admin = new Redis(server.url);
    admin.on('error', () => {});
  });

  afterAll(async () => {
    admin.disconnect();
    await server.close();
  });

  it('doubts what it follows once it follows it again after its connection was cut in a burst', async () => {
    const node = await startNode(server.url);
    const eventguid = await node.followNew();
    const burst = (count: number) =>
      Promise.all(Array.from({ length: count }, () => node.publish(eventguid)));
    await Promise.all([burst(500), admin.call('client', 'kill', 'type', 'pubsub'), burst(500)]);
    await node.doubts(eventguid);
    const { nodes: followers } = await node.publish(eventguid);
    expect(followers).toBe(1);
    const [standing] = await node.relay.standings([eventguid]);
    expect(standing?.position.offset).toBe(1_001);
    expect(node.offsets).toContain(1_001);
    expect(node.failovers).toBe(0);
    await node.turns(true);
  });

  it('doubts all that it follows, in batches', async () => {
    const node = await startNode(server.url);
    const eventguids = await Promise.all(Array.from({ length: 1_200 }, () => node.followNew()));
    await admin.call('client', 'kill', 'type', 'pubsub');
    await waitUntil(async () => new Set(node.doubted).size === eventguids.length, 'all doubts');
    await node.turns(true);
  });

  it.each([
    ['with all it had', []],
    ['with nothing', WITHOUT_PERSISTENCE],
  ])('is unhealthy while the server is away, and heals when it is back %s', async (_case, args) => {
    const own = await startOwnRedis(args);
    closers.push(() => own.close());
    const node = await startNode(own.url);
    const eventguid = await node.followNew();
    await own.kill();
    expect(await node.turns(false)).toBeLessThan(3_000);
    await own.restart();
    expect(await node.turns(true)).toBeLessThan(10_000);
    expect(node.failovers).toBe(1);
    expect(node.doubted).toContain(eventguid);
    expect(await node.hears(eventguid)).toBe(true);
  });

  it('is unhealthy while the server is frozen, and heals when it is thawed', async () => {
    const own = await startOwnRedis();
    closers.push(() => own.close());
    const node = await startNode(own.url);
    const eventguid = await node.followNew();
    own.servers[0]!.freeze();
    expect(await node.turns(false)).toBeLessThan(3_000);
    await waitUntil(
      async () => node.log.at('warn').some(({ message }) => message.includes('unresponsive')),
      'a new connection',
    );
    own.servers[0]!.thaw();
    expect(await node.turns(true)).toBeLessThan(10_000);
    expect(node.doubted).toContain(eventguid);
    expect(node.failovers).toBe(0);
    expect(await node.hears(eventguid)).toBe(true);
  });

  it.each(['subscriber', 'commands'] as const)(
    'makes its %s connection anew if that alone is silent',
    async (role) => {
      const proxy = await TcpProxy.start(server.url);
      closers.push(() => proxy.close());
      const node = await startNode(server.url);
      const eventguid = await node.followNew();
      const connection = node.redis[role] as Redis;
      // Through the proxy from its next connection on.
      Object.assign(connection.options, { host: '127.0.0.1', port: Number(new URL(proxy.url).port) });
      connection.disconnect(true);
      await waitUntil(async () => connection.status !== 'ready', 'the old connection gone');
      await waitUntil(async () => connection.status === 'ready', 'a connection through the proxy');
      await waitUntil(async () => node.relay.healthy && (await node.hears(eventguid)), 'all well');
      node.doubted.length = 0;
      proxy.pause();
      expect(await node.turns(false)).toBeLessThan(3_000);
      expect(node.doubted).toContain(eventguid);
      proxy.resume();
      expect(await node.turns(true)).toBeLessThan(10_000);
      expect(node.log.at('warn').map(({ fields }) => fields['role'])).toContain(role);
      expect(await node.hears(eventguid)).toBe(true);
    },
  );

  it('rejects standings with relay-unavailable in time when no answer comes', async () => {
    const own = await startOwnRedis();
    closers.push(() => own.close());
    const node = await startNode(own.url);
    own.servers[0]!.freeze();
    const start = performance.now();
    await expect(node.relay.standings([parseEventGuid('any')])).rejects.toMatchObject({
      code: 'relay-unavailable',
    });
    expect(performance.now() - start).toBeLessThan(2_500);
    own.servers[0]!.thaw();
  });

  it('leaves no timer and no connection behind when it is closed', async () => {
    const set = jest.spyOn(globalThis, 'setInterval');
    const clear = jest.spyOn(globalThis, 'clearInterval');
    const node = await startNode(server.url);
    await node.redis.close();
    const made = set.mock.results.map(({ value }) => value);
    expect(made).toHaveLength(1);
    expect(clear.mock.calls.flat()).toEqual(expect.arrayContaining(made));
    expect(node.relay.healthy).toBe(false);
    expect(node.redis.commands.status).toBe('end');
    expect(node.redis.subscriber.status).toBe('end');
    jest.restoreAllMocks();
  });
});

describe('a relay on a Redis Cluster of three masters', () => {
  let cluster: RestartableRedis;

  beforeAll(async () => {
    cluster = await startRedisCluster();
  });

  afterAll(async () => {
    await cluster.close();
  });

  it('doubts the events of a master that is frozen, and no others', async () => {
    const node = await startNode(cluster.url);
    const eventguids = await Promise.all(Array.from({ length: 60 }, () => node.followNew()));
    const [frozen] = cluster.servers;
    const port = new URL(frozen!.url).port;
    const { shards, keys } = node.redis;
    const isThere = (eventguid: EventGuid) =>
      shards.of(keys.channel(eventguid)).links.master.endsWith(`:${port}`);
    const there = eventguids.filter(isThere);
    node.doubted.length = 0;
    frozen!.freeze();
    expect(await node.turns(false)).toBeLessThan(3_000);
    expect(there.length).toBeGreaterThan(0);
    expect(new Set(node.doubted)).toEqual(new Set(there));
    const elsewhere = eventguids.find((eventguid) => !isThere(eventguid));
    expect(await node.hears(elsewhere!)).toBe(true);
    frozen!.thaw();
    expect(await node.turns(true)).toBeLessThan(10_000);
    for (const eventguid of there) expect(await node.hears(eventguid)).toBe(true);
    expect(new Set(node.doubted)).toEqual(new Set(there));
  });

  it('follows what a replica takes over, doubts it, and tells the failover once', async () => {
    const node = await startNode(cluster.url);
    const eventguids = await Promise.all(Array.from({ length: 60 }, () => node.followNew()));
    const master = new URL(cluster.servers[2]!.url);
    const replica = await startReplica(master.host);
    node.doubted.length = 0;
    await redisCli('-p', String(replica.port), 'cluster', 'failover');
    await waitUntil(async () => node.failovers > 0, 'the failover');
    expect(await node.turns(true)).toBeLessThan(10_000);
    const { shards, keys } = node.redis;
    const moved = eventguids.filter((eventguid) =>
      shards.of(keys.channel(eventguid)).links.master.endsWith(`:${replica.port}`),
    );
    expect(moved.length).toBeGreaterThan(0);
    expect(node.doubted).toEqual(expect.arrayContaining(moved));
    for (const eventguid of eventguids) expect(await node.hears(eventguid)).toBe(true);
    expect(node.failovers).toBe(1);
  });

  async function startReplica(master: string): Promise<RedisProcess> {
    const directory = await mkdtemp(join(tmpdir(), 'redis-replica-'));
    const replica = new RedisProcess(directory, await freePort(), ['--cluster-enabled', 'yes']);
    await replica.start();
    closers.push(async () => {
      await replica.kill();
      await rm(directory, { recursive: true, force: true });
    });
    const [, port = ''] = master.split(':');
    const id = (await redisCli('-p', port, 'cluster', 'myid')).trim();
    const joining = ['--cluster', 'add-node', `127.0.0.1:${replica.port}`, master];
    await redisCli(...joining, '--cluster-slave', '--cluster-master-id', id);
    await waitUntil(async () => {
      const replication = await redisCli('-p', String(replica.port), 'info', 'replication');
      return replication.includes('master_link_status:up');
    }, 'a replica that is up to date');
    return replica;
  }
});

async function redisCli(...args: readonly string[]): Promise<string> {
  return (await run('redis-cli', args)).stdout;
}
