import type { KeyHint, KeySource } from './key-source.js';
import type { TrustedKey } from './trusted-key.js';

/** The keys of the configuration. They have no names: what a token calls its key means nothing. */
export class StaticKeys implements KeySource {
  constructor(private readonly keys: readonly TrustedKey[]) {}

  async find({ algorithm }: KeyHint): Promise<readonly TrustedKey[]> {
    return this.keys.filter(({ algorithms }) => algorithms.includes(algorithm));
  }
}
