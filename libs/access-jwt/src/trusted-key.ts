import { createSecretKey, type KeyObject } from 'node:crypto';

/** A key, and the algorithms that a token signed by it may name. */
export interface TrustedKey {
  readonly key: KeyObject;
  readonly algorithms: readonly string[];
}

/** Why a key is not trusted, as it goes on after "a key that …". */
export class UntrustedKeyError extends Error {
  override readonly name = 'UntrustedKeyError';
}

/** Shortest RSA key that NIST SP 800-131A still allows for signatures. */
const MIN_RSA_BITS = 2_048;

/** RFC 7518, 3.2: a secret is at least as long as the hash. */
const SECRET_ALGORITHMS: readonly (readonly [algorithm: string, minBytes: number])[] = [
  ['HS256', 32],
  ['HS384', 48],
  ['HS512', 64],
];
const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
/** By the names of curves in OpenSSL. */
const CURVE_ALGORITHMS = new Map([
  ['prime256v1', ['ES256']],
  ['secp384r1', ['ES384']],
  ['secp521r1', ['ES512']],
]);
/** RFC 9864 gives EdDSA with this curve a name of its own. */
const ED25519_ALGORITHMS = ['EdDSA', 'Ed25519'];

/** Every algorithm that some public key may be for. */
export const PUBLIC_KEY_ALGORITHMS: ReadonlySet<string> = new Set([
  ...RSA_ALGORITHMS,
  ...[...CURVE_ALGORITHMS.values()].flat(),
  ...ED25519_ALGORITHMS,
]);

/** A secret is trusted for HMAC alone, with hashes that are no longer than itself. Throws `UntrustedKeyError` for one that is too short for any. */
export function trustSecret(secret: string): TrustedKey {
  const bytes = Buffer.from(secret, 'utf8');
  const algorithms = SECRET_ALGORITHMS.filter(([, minBytes]) => bytes.length >= minBytes);
  if (algorithms.length === 0) throw new UntrustedKeyError('is shorter than 32 bytes');
  return { key: createSecretKey(bytes), algorithms: algorithms.map(([algorithm]) => algorithm) };
}

/** A public key is trusted for the algorithms of its type alone. Throws `UntrustedKeyError` for one that is weak, or of a type that no algorithm has. */
export function trustPublicKey(key: KeyObject): TrustedKey {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa' && modulusLength < MIN_RSA_BITS)
    throw new UntrustedKeyError(`is an RSA key of ${modulusLength} bits, fewer than ${MIN_RSA_BITS}`);
  const algorithms = algorithmsOf(key.asymmetricKeyType, namedCurve);
  if (!algorithms) throw new UntrustedKeyError('is none of RSA, P-256, P-384, P-521 and Ed25519');
  return { key, algorithms };
}

function algorithmsOf(type: string | undefined, curve: string): readonly string[] | undefined {
  if (type === 'rsa') return RSA_ALGORITHMS;
  if (type === 'ed25519') return ED25519_ALGORITHMS;
  return type === 'ec' ? CURVE_ALGORITHMS.get(curve) : undefined;
}
