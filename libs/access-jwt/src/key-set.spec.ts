import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { parseKeySet } from './key-set.js';
import { SigningKey } from './testing/signing-key.js';

const ec = SigningKey.pair('ES256');

function parse(...keys: readonly unknown[]) {
  return parseKeySet(JSON.stringify({ keys }));
}

const jwkOf = (key: KeyObject): object => key.export({ format: 'jwk' });

describe('parseKeySet', () => {
  it('takes public keys with the algorithms of their types', () => {
    const algorithms = ['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA'].map(
      (algorithm) => parse(SigningKey.pair(algorithm).jwk())[0]?.algorithms,
    );
    expect(algorithms).toEqual([
      ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
      ['ES256'],
      ['ES384'],
      ['ES512'],
      ['EdDSA', 'Ed25519'],
    ]);
  });

  it.each([
    ['RS256', 'PS256', ['PS256']],
    ['EdDSA', 'EdDSA', ['EdDSA', 'Ed25519']],
    ['EdDSA', 'Ed25519', ['Ed25519']],
  ])('takes a key of type %s that is for %s for that alone', (type, alg, algorithms) => {
    expect(parse(SigningKey.pair(type).jwk({ alg }))).toMatchObject([{ algorithms }]);
  });

  it('takes the name of a key, and what says that it is for signatures', () => {
    expect(parse(ec.jwk({ kid: 'a', use: 'sig', key_ops: ['verify'] }))).toMatchObject([{ keyId: 'a' }]);
    expect(parse(ec.jwk())[0]).not.toHaveProperty('keyId');
  });

  it.each<[name: string, key: unknown]>([
    ['for encryption', ec.jwk({ use: 'enc' })],
    ['for other operations', ec.jwk({ key_ops: ['deriveKey'] })],
    ['whose operations are no list', ec.jwk({ key_ops: 'verify' })],
    ['for an algorithm of another type', ec.jwk({ alg: 'RS256' })],
    ['for HMAC', ec.jwk({ alg: 'HS256' })],
    ['whose name is a number', ec.jwk({ kid: 1 })],
    ['that is secret', { kty: 'oct', k: 'c2VjcmV0', alg: 'HS256' }],
    ['that is private', jwkOf(ec.privateKey)],
    ['that is weak', jwkOf(generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey)],
    ['on another curve', jwkOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey)],
    ['for an exchange', jwkOf(generateKeyPairSync('x25519').publicKey)],
    ['that is not on its curve', ec.jwk({ x: 'AAAA' })],
    ['of no type', {}],
    ['that is none', null],
    ['that is text', 'key'],
  ])('leaves out a key %s, and takes the others', (_name, key) => {
    expect(parse(key, ec.jwk({ kid: 'good' }))).toMatchObject([{ keyId: 'good' }]);
  });
});
