import { Backoff } from '@ringback/async';
import type { Channels } from '@ringback/core';
import type { Redis } from 'ioredis';
import type { RedisConnections } from './connections.js';
import { command } from './redis-connection.js';
import type { ShardListener } from './shard.js';

const MIN_RETRY_MS = 50;
const MAX_RETRY_MS = 2_000;

type MessageListener = (message: Buffer) => void;

/** How a server answers to how many follow a channel there. */
type CountReply = readonly [channel: string, count: number];

/** Sharded channels for libraries at the edge. To be given connections of their own, so that envelopes never wait behind them. */
export class RedisChannels implements Channels, ShardListener {
  /** By the name in Redis. */
  private readonly listeners = new Map<string, MessageListener>();

  constructor(private readonly redis: RedisConnections) {
    redis.shards.listen(this);
  }

  follow(channel: string, onMessage: MessageListener): void {
    const name = this.redis.keys.edgeChannel(channel);
    this.listeners.set(name, onMessage);
    this.log('channel not followed', name, this.keepTrying(name, onMessage));
  }

  leave(channel: string): void {
    const name = this.redis.keys.edgeChannel(channel);
    if (this.listeners.delete(name)) this.log('channel not left', name, this.redis.shards.unfollow(name));
  }

  async publish(channel: string, message: Uint8Array): Promise<void> {
    const { commands, keys } = this.redis;
    await command(commands.spublish(keys.edgeChannel(channel), Buffer.from(message)));
  }

  /** Asks all masters: only the one that has the channel's slot counts any. */
  async countFollowers(channel: string): Promise<number> {
    const name = this.redis.keys.edgeChannel(channel);
    const replies = this.servers.map((server) => server.call('PUBSUB', 'SHARDNUMSUB', name));
    const counts = (await command(Promise.all(replies))) as readonly CountReply[];
    return counts.reduce((sum, [, count]) => sum + count, 0);
  }

  onMessage(name: string, message: Buffer): void {
    try {
      this.listeners.get(name)?.(message);
    } catch (error) {
      // Thrown into the client library it would end the process.
      this.redis.log.error('channel listener failed', { channel: name, bytes: message.length, error });
    }
  }

  /** What is published here is best effort. */
  onDoubt(): void {}

  onFailover(): void {}

  private get servers(): readonly Redis[] {
    const { commands } = this.redis;
    return 'nodes' in commands ? commands.nodes('master') : [commands];
  }

  /** Once followed, a channel is followed again by its shard. */
  private async keepTrying(name: string, onMessage: MessageListener): Promise<void> {
    const backoff = new Backoff({ minDelayMs: MIN_RETRY_MS, maxDelayMs: MAX_RETRY_MS });
    while (this.listeners.get(name) === onMessage) {
      try {
        return await this.redis.shards.follow(name, this);
      } catch (error) {
        this.redis.log.warn('channel not followed yet', { channel: name, error });
      }
      await pause(backoff.next());
    }
  }

  private log(message: string, channel: string, work: Promise<void>): void {
    work.catch((error: unknown) => this.redis.log.debug(message, { channel, error }));
  }
}

/** Does not keep the process alive: the connections may be closed meanwhile. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
