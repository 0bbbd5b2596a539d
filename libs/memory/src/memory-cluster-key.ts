import type { ClusterKey } from '@ringback/core';
import { randomBytes } from 'node:crypto';

const KEY_BYTES = 32;

/** The key of a `MemoryCluster`; the same for all of its nodes. */
export class MemoryClusterKey implements ClusterKey {
  private key = randomBytes(KEY_BYTES);

  async read(): Promise<Uint8Array> {
    return this.key;
  }

  /** Loses the key: from now on there is another. */
  clear(): void {
    this.key = randomBytes(KEY_BYTES);
  }
}
