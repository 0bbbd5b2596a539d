import type { EventGuid } from '@ringback/contract';
import type { Log } from '@ringback/core';
import { Cluster } from 'ioredis';
import type { RedisConnections } from './connections.js';
import { COMMAND_TIMEOUT_MS, unavailable } from './redis-connection.js';

/** Channels per command when all are followed again. */
const BATCH = 500;

export type ChannelListener = (eventguid: EventGuid, message: Buffer) => void;

/** The channels that this node follows, kept up over broken connections. */
export class ChannelFollower {
  private readonly eventguids = new Map<string, EventGuid>();
  private readonly log: Log;

  constructor(
    private readonly redis: RedisConnections,
    private readonly listener: ChannelListener,
  ) {
    this.log = redis.log;
    redis.subscriber.on('smessageBuffer', (channel: Buffer, message: Buffer) => {
      this.hear(channel.toString(), message);
    });
    // A Cluster follows again by itself, on the master that has the slot now.
    if (!(redis.subscriber instanceof Cluster)) redis.subscriber.on('ready', this.followAgain);
  }

  async follow(eventguid: EventGuid): Promise<void> {
    const channel = this.redis.keys.channel(eventguid);
    this.eventguids.set(channel, eventguid);
    try {
      await inTime(this.redis.subscriber.ssubscribe(channel));
    } catch (error) {
      // It may have been done all the same.
      await this.unfollow(eventguid);
      throw unavailable(error);
    }
  }

  async unfollow(eventguid: EventGuid): Promise<void> {
    const channel = this.redis.keys.channel(eventguid);
    if (!this.eventguids.delete(channel)) return;
    try {
      await inTime(this.redis.subscriber.sunsubscribe(channel));
    } catch (error) {
      // What is still heard is dropped; a broken connection forgets the channel anyway.
      this.log.warn('redis channel not left', { eventguid, error });
    }
  }

  private hear(channel: string, message: Buffer): void {
    const eventguid = this.eventguids.get(channel);
    if (eventguid === undefined) return;
    try {
      this.listener(eventguid, message);
    } catch (error) {
      // Thrown into the client library it would end the process; the other events are not to blame.
      this.log.error('relay listener failed', { eventguid, error });
    }
  }

  private readonly followAgain = (): void => {
    const channels = [...this.eventguids.keys()];
    for (let start = 0; start < channels.length; start += BATCH) {
      this.logFailure(this.redis.subscriber.ssubscribe(...channels.slice(start, start + BATCH)));
    }
  };

  /** A batch fails with its connection; the next one that is ready follows everything again. */
  private logFailure(batch: Promise<unknown>): void {
    batch.catch((error: unknown) => {
      this.log.warn('redis channels not followed again yet', { error });
    });
  }
}

async function inTime(reply: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error('No answer in time.'));
    }, COMMAND_TIMEOUT_MS);
  });
  try {
    await Promise.race([reply, late]);
  } finally {
    clearTimeout(timer);
  }
}
