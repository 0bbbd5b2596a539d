import { SignJWT, type JWTHeaderParameters } from 'jose';
import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { trustPublicKey, trustSecret, type TrustedKey } from '../trusted-key.js';

/** Where specs begin: `FakeClock` stands there too. */
export const NOW_S = Date.UTC(2026, 0, 1) / 1_000;

const CURVES: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

/** What a token says, rightly or not. */
export type Claims = Readonly<Record<string, unknown>>;

/** A key that tokens are signed with in specs, and the half of it that the hub has. */
export class SigningKey {
  private constructor(
    readonly algorithm: string,
    readonly privateKey: KeyObject,
    readonly publicKey: KeyObject,
    readonly trusted: TrustedKey,
  ) {}

  static secret(text: string, algorithm = 'HS256'): SigningKey {
    const key = createSecretKey(Buffer.from(text));
    return new SigningKey(algorithm, key, key, trustSecret(text));
  }

  static pair(algorithm: string): SigningKey {
    const { privateKey, publicKey } = generatePair(algorithm);
    return new SigningKey(algorithm, privateKey, publicKey, trustPublicKey(publicKey));
  }

  /** A token that lives for ten minutes from the beginning of specs, unless its claims say otherwise. */
  sign(claims: Claims = {}, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
    return new SignJWT({ sub: 'user-42', iat: NOW_S, exp: NOW_S + 600, ...claims })
      .setProtectedHeader({ alg: this.algorithm, ...header })
      .sign(this.privateKey);
  }

  /** The public half as issuers publish it. */
  jwk(more: object = {}): object {
    return { ...this.publicKey.export({ format: 'jwk' }), ...more };
  }

  get pem(): string {
    return String(this.publicKey.export({ type: 'spki', format: 'pem' }));
  }
}

function generatePair(algorithm: string): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  if (/^(RS|PS)/.test(algorithm)) return generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const namedCurve = CURVES[algorithm];
  return namedCurve === undefined
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('ec', { namedCurve });
}
