import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@ringback/conformance';
import { DEFAULT_LIMITS } from '@ringback/contract';
import { Hub } from '@ringback/core';
import { CountingMetrics, MemoryCluster, OpenAccess, SilentLog, SystemClock } from '@ringback/memory';
import { createShardedAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { startOwnRedis, type RestartableRedis } from '../../../test/support/redis-servers.js';
import { heard, ServedGateway } from './served-gateway.js';

const OPERATOR = { name: 'operator' };

describe('SocketIoDirectory over the sharded adapter of Redis', () => {
  let redis: RestartableRedis;
  let first: Node;
  let second: Node;

  interface Node {
    readonly hub: Hub;
    readonly served: ServedGateway;
    readonly clients: readonly Redis[];
  }

  beforeEach(async () => {
    redis = await startOwnRedis();
    const cluster = new MemoryCluster();
    const channelPrefix = randomUUID();
    first = await start('node-1', cluster, channelPrefix);
    second = await start('node-2', cluster, channelPrefix);
    const count = async () =>
      (await second.clients[0]!.call('PUBSUB', 'SHARDNUMSUB', `${channelPrefix}#/#`)) as [string, unknown];
    await waitFor(async () => Number((await count())[1]) === 2, 'two nodes that follow each other');
  });

  afterEach(async () => {
    for (const { hub, served, clients } of [first, second]) {
      await served.close();
      await hub.drain();
      // Behind what the adapter has asked without waiting for it: a rejection of that nobody would hear.
      for (const client of clients) await client.quit();
    }
    await redis.close();
  });

  async function start(nodeId: string, cluster: MemoryCluster, channelPrefix: string): Promise<Node> {
    const ports = {
      ...cluster.node(),
      access: new OpenAccess(),
      clock: new SystemClock(),
      log: new SilentLog(),
      metrics: new CountingMetrics(),
    };
    const options = {
      nodeId,
      address: 'http://127.0.0.1:0',
      version: '0.0.0',
      leaseMs: 30_000,
      limits: DEFAULT_LIMITS,
    };
    const hub = new Hub(ports, options);
    await hub.start();
    const clients = [0, 1].map(
      () => new Redis(redis.url, { maxRetriesPerRequest: null, retryStrategy: () => 20 }),
    );
    for (const client of clients) client.on('error', () => {}); // while the server starts, and after it was killed
    const adapter = createShardedAdapter(clients[0], clients[1], {
      channelPrefix,
      subscriptionMode: 'static',
    });
    return { hub, clients, served: await ServedGateway.start(hub, { adapter }) };
  }

  it('finds, counts and closes connections on all nodes, and hands no token around', async () => {
    const monitor = await first.clients[0]!.monitor();
    const commands: string[] = [];
    monitor.on('monitor', (_time, command: readonly string[]) => commands.push(command.join(' ')));
    const here = await first.served.connected({ auth: { token: 'a secret' } });
    const there = await second.served.connected({ auth: { token: 'a secret' } });
    for (const { hub } of [first, second]) {
      const { operator } = hub;
      expect(await operator.connections(OPERATOR)).toBe(2);
      expect(await operator.connection(OPERATOR, here.id!)).toMatchObject({
        nodeId: 'node-1',
        gateway: 'socketio',
      });
      expect(await operator.connection(OPERATOR, there.id!)).toMatchObject({ nodeId: 'node-2' });
      await expect(operator.connection(OPERATOR, 'nobody')).rejects.toMatchObject({ code: 'not-found' });
    }
    const closed = heard(there, 'HubClose');
    await first.hub.operator.disconnect(OPERATOR, there.id!);
    expect(await closed).toMatchObject([{ name: 'closed-by-operator' }]);
    await waitFor(() => !there.connected, 'the end of the connection');
    expect(await first.hub.operator.connections(OPERATOR)).toBe(1);
    expect(here.connected).toBe(true);
    expect(commands.filter((command) => /^spublish/i.test(command)).length).toBeGreaterThan(0);
    expect(commands.join()).not.toContain('secret');
    monitor.disconnect();
  });

  it('says that the others cannot be asked while Redis is gone', async () => {
    const here = await first.served.connected();
    await redis.kill();
    const { operator } = first.hub;
    await expect(operator.connections(OPERATOR)).rejects.toMatchObject({ code: 'relay-unavailable' });
    expect(await operator.connection(OPERATOR, here.id!)).toMatchObject({ nodeId: 'node-1' });
    await redis.restart();
    const clients = [...first.clients, ...second.clients];
    await waitFor(() => clients.every(({ status }) => status === 'ready'), 'every connection back');
  });
});
