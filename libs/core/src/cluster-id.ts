const ID_BYTES = 9;

/** A short name made of the key of a cluster, from which nobody can tell the key. Only `[0-9a-f]`. */
export async function clusterIdOf(key: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(key)));
  return [...digest.subarray(0, ID_BYTES)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
