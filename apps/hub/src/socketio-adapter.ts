import { createShardedAdapter } from '@socket.io/redis-adapter';
import type { Log } from '@ringback/core';
import type { RedisConnections } from '@ringback/redis';
import type { ServerOptions } from 'socket.io';

type Handler = (message: Buffer, channel: Buffer) => void;

/** Answers a message of one Redis server about a channel: its name and how many subscribe to it there. */
type CountReply = readonly [channel: string, count: number];

/**
 * The two connections in the shape that the adapter expects of the `redis` package, whose callback it hands over with each channel.
 * Given an ioredis client, it would drop the promises of its subscribe commands, and with Redis away each would be an unhandled
 * rejection.
 */
class AdapterRedis {
  private readonly handlers = new Map<string, Handler>();

  constructor(
    private readonly redis: RedisConnections,
    private readonly log: Log,
  ) {
    const { subscriber } = redis;
    subscriber.on('smessageBuffer', (channel: Buffer, message: Buffer) => {
      this.handlers.get(channel.toString())?.(message, channel);
    });
    // The connections do not follow again by themselves. A Cluster says so under another name.
    for (const name of ['ready', 'subscribersReady']) subscriber.on(name, () => this.followAgain());
  }

  sSubscribe(channel: string, handler: Handler): void {
    this.handlers.set(channel, handler);
    this.logged('socket.io channel not followed yet', this.redis.subscriber.ssubscribe(channel));
  }

  sUnsubscribe(channel: string): void {
    this.handlers.delete(channel);
    // When the node stops, the connection may be gone before.
    this.redis.subscriber.sunsubscribe(channel).catch((error: unknown) => {
      this.log.debug('socket.io channel not left', { error });
    });
  }

  /** A rejection is the adapter's to handle: it does. */
  sPublish(channel: string, message: string | Uint8Array): Promise<unknown> {
    const { commands } = this.redis;
    return commands.spublish(channel, typeof message === 'string' ? message : Buffer.from(message));
  }

  /** `PUBSUB SHARDNUMSUB`, on all masters, of which only that with the channel's slot counts any. */
  async sendCommand([name, verb, channel]: readonly [string, string, string]): Promise<CountReply> {
    const { commands } = this.redis;
    const servers = 'nodes' in commands ? commands.nodes('master') : [commands];
    const replies = await Promise.all(servers.map((server) => server.call(name, verb, channel)));
    const counts = (replies as CountReply[]).map(([, count]) => count);
    return [channel, counts.reduce((sum, count) => sum + count, 0)];
  }

  private followAgain(): void {
    // One by one: on a Redis Cluster each has a slot of its own.
    for (const channel of this.handlers.keys()) {
      this.logged('socket.io channel not followed again yet', this.redis.subscriber.ssubscribe(channel));
    }
  }

  private logged(message: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => this.log.warn(message, { error }));
  }
}

/**
 * Lets nodes find each other's Socket.IO connections. `static`: two channels for each node and none for rooms, since deliveries
 * never pass here; and the identifiers of our connections are not of the form by which the other modes tell rooms apart.
 */
export function buildSocketIoAdapter(
  redis: RedisConnections,
  channelPrefix: string,
  log: Log,
): NonNullable<ServerOptions['adapter']> {
  const client = new AdapterRedis(redis, log);
  return createShardedAdapter(client, client, { channelPrefix, subscriptionMode: 'static' });
}
