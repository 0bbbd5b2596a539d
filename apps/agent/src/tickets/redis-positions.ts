import type { RedisConnections } from '@ringback/redis';
import type { AgentKeys } from '../agent-keys.js';
import { POSITIONS_KEPT_MS, type KeptPosition } from './kept-position.js';

/**
 * KEYS[1] position. ARGV[1] offset, ARGV[2] ms. Keeps the higher of two offsets and renews its time; atomic because two agents may remove
 * tickets of one event at once.
 */
const REMEMBER = `
local held = tonumber(redis.call('GET', KEYS[1]) or '0')
if tonumber(ARGV[1]) > held then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
else
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end`;

/** The positions of removed tickets, in Redis. */
export class RedisPositions {
  constructor(
    private readonly redis: Pick<RedisConnections, 'commands'>,
    private readonly keys: AgentKeys,
  ) {}

  async remember({ name, offset }: KeptPosition): Promise<void> {
    await this.redis.commands.eval(REMEMBER, 1, this.keys.position(name), offset, POSITIONS_KEPT_MS);
  }

  async reaches({ name, offset }: KeptPosition): Promise<boolean> {
    return Number((await this.redis.commands.get(this.keys.position(name))) ?? 0) >= offset;
  }
}
