import type { Claims } from '@ringback/core';
import type { RedisConnections } from './connections.js';
import { runScript, SCRIPTS } from './scripts.js';
import { wholeMs } from './whole-ms.js';

/** Claims, as keys that Redis lets expire. */
export class RedisClaims implements Claims {
  constructor(private readonly redis: RedisConnections) {}

  async claim(name: string, holder: string, ttlMs: number): Promise<boolean> {
    const { commands, keys } = this.redis;
    return (await runScript(commands, SCRIPTS.claim, [keys.claim(name)], [holder, wholeMs(ttlMs)])) === 1;
  }

  async release(name: string, holder: string): Promise<void> {
    const { commands, keys } = this.redis;
    await runScript(commands, SCRIPTS.releaseClaim, [keys.claim(name)], [holder]);
  }
}
