import { createPublicKey, type KeyObject } from 'node:crypto';
import { trustPublicKey, UntrustedKeyError, type TrustedKey } from './trusted-key.js';

/** A key of an issuer's set, under the name that the issuer gave it. */
export interface PublishedKey extends TrustedKey {
  readonly keyId?: string;
  /** Of the key, its name and its algorithms: what has the same is the same. */
  readonly fingerprint: string;
}

/** Most keys that are taken from a set: issuers have two to ten. */
const MAX_KEYS = 64;

/**
 * The keys of a JSON Web Key Set (RFC 7517) that tokens may be signed by. Others are left out, as the RFC has it: those for encryption, secret and private
 * ones, weak ones, types that nobody here knows. Throws for what is no such set.
 */
export function parseKeySet(text: string): readonly PublishedKey[] {
  const set = JSON.parse(text) as { keys?: unknown } | null;
  if (!Array.isArray(set?.keys)) throw new Error('The answer is no JSON Web Key Set.');
  if (set.keys.length > MAX_KEYS) throw new Error(`The set has more than ${MAX_KEYS} keys.`);
  return set.keys.flatMap((jwk: unknown) => (isForSignatures(jwk) ? parseKey(jwk) : []));
}

type Jwk = Readonly<Record<string, unknown>>;

function isForSignatures(jwk: unknown): jwk is Jwk {
  if (typeof jwk !== 'object' || jwk === null) return false;
  const { kid, use, key_ops: operations, d } = jwk as Jwk;
  const verifies = operations === undefined || (Array.isArray(operations) && operations.includes('verify'));
  const isNamed = kid === undefined || typeof kid === 'string';
  // A private key that is published is anybody's.
  return isNamed && verifies && (use === undefined || use === 'sig') && d === undefined;
}

function parseKey(jwk: Jwk): readonly PublishedKey[] {
  const trusted = trustJwk(jwk);
  if (!trusted) return [];
  const { alg, kid } = jwk as { alg?: unknown; kid?: string };
  const algorithms = trusted.algorithms.filter((algorithm) => isMeant(alg, algorithm));
  if (algorithms.length === 0) return [];
  const der = trusted.key.export({ type: 'spki', format: 'der' }).toString('base64');
  const fingerprint = JSON.stringify([kid, algorithms, der]);
  return [{ key: trusted.key, algorithms, fingerprint, ...(kid !== undefined && { keyId: kid }) }];
}

/** A key that names its algorithm is for that one alone; EdDSA has two names. */
function isMeant(named: unknown, algorithm: string): boolean {
  return named === undefined || named === algorithm || (named === 'EdDSA' && algorithm === 'Ed25519');
}

function trustJwk(jwk: Jwk): TrustedKey | undefined {
  const key = keyObjectOf(jwk);
  try {
    return key && trustPublicKey(key);
  } catch (error) {
    if (error instanceof UntrustedKeyError) return undefined;
    throw error;
  }
}

/** `undefined` for what is no public key, or none that Node knows. */
function keyObjectOf(jwk: Jwk): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return undefined;
  }
}
