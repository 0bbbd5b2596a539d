/** A secret that the nodes of a cluster share and nobody else knows. */
export interface ClusterKey {
  /** The same 32 random bytes on every node, made for whoever asks first. Another answer than before means that the old one was lost. Rejects with `relay-unavailable`. */
  read(): Promise<Uint8Array>;
}
