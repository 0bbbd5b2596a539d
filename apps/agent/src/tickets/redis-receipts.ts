import type { RedisConnections } from '@ringback/redis';
import type { AgentKeys } from '../agent-keys.js';

/** When the receipts of done tickets go, in Redis. */
export class RedisReceipts {
  constructor(
    private readonly redis: Pick<RedisConnections, 'commands'>,
    private readonly keys: AgentKeys,
  ) {}

  async keep(id: string, deleteTime: number): Promise<void> {
    await this.redis.commands.zadd(this.keys.receipts, deleteTime, id);
  }

  /** The tickets whose time is over, so many at most. */
  due(most: number): Promise<string[]> {
    return this.redis.commands.zrangebyscore(this.keys.receipts, 0, Date.now(), 'LIMIT', 0, most);
  }

  async forget(id: string): Promise<void> {
    await this.redis.commands.zrem(this.keys.receipts, id);
  }
}
