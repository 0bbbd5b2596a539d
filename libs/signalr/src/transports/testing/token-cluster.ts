import { createHmac, randomBytes } from 'node:crypto';
import { signedTokens, type SignedTokenFactory, type SignedTokensOptions } from '../index.js';

/** What nodes share whose tokens are signed: a key that may change, claims that may be out of reach, and a clock. */
export class TokenCluster {
  key: Uint8Array = randomBytes(32);
  reads = 0;
  nowMs = 1_700_000_000_000;
  reachable = true;
  readonly claimed = new Set<string>();
  readonly faults: Error[] = [];

  /** The tokens of a node, for the hub at /hub. */
  node(nodeId: string, options: Partial<SignedTokensOptions> = {}): SignedTokenFactory {
    return signedTokens({
      nodeId,
      scope: '/hub',
      key: () => this.#read(),
      claim: (id) => this.#claim(id),
      onFault: (error) => this.faults.push(error),
      nowMs: () => this.nowMs,
      ...options,
    });
  }

  async #read(): Promise<Uint8Array> {
    this.reads++;
    if (!this.reachable) throw new Error('no key');
    return this.key;
  }

  async #claim(id: string): Promise<boolean> {
    if (!this.reachable) throw new Error('no claims');
    if (this.claimed.has(id)) return false;
    this.claimed.add(id);
    return true;
  }
}

/** The token with the signature of somebody who knows how, but not the key. */
export function resigned(token: string, key: string): string {
  const text = token.slice(0, token.lastIndexOf('.'));
  const said = `signalr connection token\n/hub\n${text}`;
  return `${text}.${createHmac('sha256', key).update(said).digest('base64url')}`;
}
