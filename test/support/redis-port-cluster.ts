import { parseEventGuid } from '@ringback/contract';
import type { NodePorts, PortCluster, PortClusterOptions } from '@ringback/conformance';
import type { LeaseId, Log } from '@ringback/core';
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
} from '@ringback/redis';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import type { RestartableRedis } from './redis-servers.js';
import { waitUntil } from './wait-until.js';

/** Enough for every master to have some. */
const PROBES = Array.from({ length: 32 }, (_, index) => parseEventGuid(`probe-${index}`));

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Nodes over one Redis, under a prefix of their own: what the conformance suites run on. */
export class RedisPortCluster implements PortCluster {
  private readonly prefix = `test-${randomUUID()}`;
  private readonly connections: RedisConnections[] = [];
  private readonly relays: RedisRelay[] = [];
  private readonly servers: readonly Redis[];

  constructor(
    private readonly redis: RestartableRedis,
    private readonly options: PortClusterOptions = {},
    /** What the nodes connect to; the test itself has all rights. */
    private readonly nodeUrl = redis.url,
  ) {
    this.servers = redis.url.split(',').map((url) => new Redis(url));
    // While a server starts again there is nothing to tell.
    for (const server of this.servers) server.on('error', () => {});
  }

  async node(): Promise<NodePorts> {
    const connections = await connectRedis({ url: this.nodeUrl, prefix: this.prefix, log: silent });
    this.connections.push(connections);
    const { options } = this;
    const relay = new RedisRelay(connections, options);
    this.relays.push(relay);
    return {
      relay,
      subscriptions: new RedisSubscriptionStore(connections, options),
      sessions: new RedisSessionStore(connections, options),
      leases: new RedisLeaseStore(connections, options),
      peers: new RedisPeers(connections),
      claims: new RedisClaims(connections),
      clusterKey: new RedisClusterKey(connections),
      records: new RedisRecordStore(connections),
    };
  }

  async expireLease(lease: LeaseId): Promise<void> {
    const [connections] = this.connections;
    if (!connections) throw new Error('There is no node yet.');
    const { commands, keys } = connections;
    const name = `${lease.nodeId}.${lease.generation}`;
    const current = await commands.get(keys.node(lease.nodeId));
    await commands.del(keys.lease(name));
    if (current?.includes(JSON.stringify(lease.generation))) await commands.del(keys.node(lease.nodeId));
    await commands.zadd(keys.nodes, 'XX', 0, name);
  }

  async restart({ keep }: { readonly keep: boolean }): Promise<void> {
    const followed = await this.followed();
    if (!keep) await Promise.all(this.servers.map((server) => server.flushall()));
    await this.redis.restart();
    await waitUntil(async () => {
      try {
        await Promise.all(this.connections.map((connections) => answersEverywhere(connections)));
        await Promise.all(this.relays.map((relay) => relay.standings(PROBES)));
        return (await this.followed()) === followed;
      } catch {
        // Not all connections are back.
        return false;
      }
    }, 'every node connected and following again');
  }

  async close(): Promise<void> {
    await Promise.all(this.connections.map((connections) => connections.close()));
    for (const server of this.servers) server.disconnect();
  }

  /** Who follows which events, as text that can be compared; canaries come and go by themselves. */
  private async followed(): Promise<string> {
    const all: string[] = [];
    for (const server of this.servers) {
      const channels = (await server.pubsub('SHARDCHANNELS', `${this.prefix}:*`)) as string[];
      for (const channel of channels.filter((name) => !name.includes(':probe:')))
        all.push(String(await server.pubsub('SHARDNUMSUB', channel)));
    }
    return all.sort().join('\n');
  }
}

/** Rejects unless commands reach every slot that the connection is asked for. */
async function answersEverywhere({ commands }: RedisConnections): Promise<void> {
  for (const probe of PROBES) await commands.get(probe);
}
