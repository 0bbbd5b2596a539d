/** Names of which one holder at a time has each, in the whole cluster: leaderships, and what may be used once. */
export interface Claims {
  /**
   * Resolves to whether the holder has the name from now on for `ttlMs`: it was free, the time of whoever had it is over, or the holder has it already.
   * Of several that claim a free name at once, one gets it. Rejects with `relay-unavailable`; its fate is then unknown.
   */
  claim(name: string, holder: string, ttlMs: number): Promise<boolean>;
  /** Gives the name up, if the holder has it. Rejects with `relay-unavailable`. */
  release(name: string, holder: string): Promise<void>;
}
