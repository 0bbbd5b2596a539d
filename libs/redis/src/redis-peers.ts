import type { PeerMessage, Peers } from '@ringback/core';
import type { RedisConnections } from './connections.js';
import { decodePeerMessage, encodePeerMessage } from './peer-codec.js';
import { command, unavailable } from './redis-connection.js';
import type { ShardListener } from './shard.js';

/** What the nodes tell each other, on a sharded channel of each node, which is followed again after a loss like those of events. */
export class RedisPeers implements Peers, ShardListener {
  private listener: ((message: PeerMessage) => void) | undefined;

  constructor(private readonly redis: RedisConnections) {}

  async hear(nodeId: string, listener: (message: PeerMessage) => void): Promise<void> {
    const { shards, keys } = this.redis;
    const channel = keys.peer(nodeId);
    this.listener = listener;
    shards.listen(this);
    try {
      await shards.follow(channel, this);
    } catch (error) {
      await this.leave(channel);
      throw unavailable(error);
    }
  }

  async tell(nodeId: string, message: PeerMessage): Promise<void> {
    const { commands, keys } = this.redis;
    await command(commands.spublish(keys.peer(nodeId), encodePeerMessage(message)));
  }

  onMessage(channel: string, bytes: Buffer): void {
    const message = decodePeerMessage(bytes);
    if (!message) {
      this.redis.unreadable.report(channel, 'not a peer message', { bytes: bytes.length });
      return;
    }
    try {
      this.listener?.(message);
    } catch (error) {
      // Thrown into the client library it would end the process.
      this.redis.log.error('peer listener failed', { kind: message.kind, error });
    }
  }

  /** What peers say is best effort. */
  onDoubt(): void {}

  onFailover(): void {}

  private async leave(channel: string): Promise<void> {
    try {
      await this.redis.shards.unfollow(channel);
    } catch (error) {
      this.redis.log.warn('redis channel not left', { channel, error });
    }
  }
}
