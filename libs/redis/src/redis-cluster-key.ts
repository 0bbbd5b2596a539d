import { HubError } from '@ringback/contract';
import type { ClusterKey } from '@ringback/core';
import { randomBytes } from 'node:crypto';
import type { RedisConnections } from './connections.js';
import { command } from './redis-connection.js';

const KEY_BYTES = 32;

/** The key of the cluster, kept in Redis like everything that its nodes share: who may read there is one of them. */
export class RedisClusterKey implements ClusterKey {
  constructor(private readonly redis: RedisConnections) {}

  async read(): Promise<Uint8Array> {
    const text = (await this.stored()) ?? (await this.made());
    return Buffer.from(text, 'base64url');
  }

  private stored(): Promise<string | null> {
    const { commands, keys } = this.redis;
    return command(commands.get(keys.clusterKey));
  }

  /** Of several that make one at once, all take that of the first. */
  private async made(): Promise<string> {
    const { commands, keys } = this.redis;
    await command(commands.set(keys.clusterKey, randomBytes(KEY_BYTES).toString('base64url'), 'NX'));
    const text = await this.stored();
    // Lost between the two commands: whoever asks again makes another.
    if (text === null) throw new HubError('relay-unavailable');
    return text;
  }
}
