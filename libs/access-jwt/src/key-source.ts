import type { TrustedKey } from './trusted-key.js';

/** What a token says of the key that it is signed by. Nobody has vouched for it. */
export interface KeyHint {
  readonly algorithm: string;
  readonly keyId?: string;
}

/** Knows the keys of those who are trusted. */
export interface KeySource {
  /**
   * The keys that are trusted for the algorithm and fit the hint, a handful at most. Rejects with `issuer-unavailable` where that cannot be told now; costs
   * no more than a look-up for most hints, whoever asks and however often.
   */
  find(hint: KeyHint): Promise<readonly TrustedKey[]>;
}
