import type { EventGuid } from '@ringback/contract';
import type { RedisConnections } from './connections.js';
import { command } from './redis-connection.js';
import type { ShardListener } from './shard.js';
import { whileReconnecting } from './while-reconnecting.js';

/** Events that are doubted at once. */
const BATCH = 500;

/** What is heard of the events that this node follows. */
export interface FollowListener {
  onMessage(eventguid: EventGuid, message: Buffer): void;
  /** Messages of these events may have been lost. */
  onDoubt(eventguids: readonly EventGuid[]): void;
  onFailover(): void;
}

/** The events that this node follows, each by its channel. */
export class ChannelFollower implements ShardListener {
  private readonly eventguids = new Map<string, EventGuid>();

  constructor(
    private readonly redis: RedisConnections,
    private readonly listener: FollowListener,
  ) {
    redis.shards.listen(this);
  }

  async follow(eventguid: EventGuid): Promise<void> {
    const channel = this.redis.keys.channel(eventguid);
    this.eventguids.set(channel, eventguid);
    try {
      await whileReconnecting(() => command(this.redis.shards.follow(channel, this)));
    } catch (error) {
      // It may have been done all the same.
      await this.unfollow(eventguid);
      throw error;
    }
  }

  async unfollow(eventguid: EventGuid): Promise<void> {
    const channel = this.redis.keys.channel(eventguid);
    if (!this.eventguids.delete(channel)) return;
    try {
      await this.redis.shards.unfollow(channel);
    } catch (error) {
      // What is still heard is dropped; a broken connection forgets the channel anyway.
      this.redis.log.warn('redis channel not left', { eventguid, error });
    }
  }

  onMessage(channel: string, message: Buffer): void {
    const eventguid = this.eventguids.get(channel);
    if (eventguid === undefined) return;
    this.told(() => this.listener.onMessage(eventguid, message), { eventguid });
  }

  onDoubt(channels: readonly string[]): void {
    const eventguids = channels.flatMap((channel) => this.eventguids.get(channel) ?? []);
    this.redis.turns
      .each(inBatches(eventguids), (batch) => this.told(() => this.listener.onDoubt(batch)))
      .catch((error: unknown) => this.redis.log.error('relay listener failed', { error }));
  }

  onFailover(): void {
    this.told(() => this.listener.onFailover());
  }

  /** Thrown into the client library a fault of the listener would end the process; the other events are not to blame. */
  private told(tell: () => void, fields: { readonly eventguid?: EventGuid } = {}): void {
    try {
      tell();
    } catch (error) {
      this.redis.log.error('relay listener failed', { ...fields, error });
    }
  }
}

function* inBatches(eventguids: readonly EventGuid[]): Iterable<readonly EventGuid[]> {
  for (let start = 0; start < eventguids.length; start += BATCH) yield eventguids.slice(start, start + BATCH);
}
