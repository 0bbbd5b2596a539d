import { describe, expect, it } from '@jest/globals';
import { readSettings, StartupError } from '@ringback/settings';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { JWT_SETTINGS, jwtOptions } from './jwt.settings.js';
import { SigningKey } from './testing/signing-key.js';

const ec = SigningKey.pair('ES256');
const rsa = SigningKey.pair('RS256');

function options(environment: Record<string, string>) {
  return jwtOptions(readSettings(JWT_SETTINGS, environment));
}

function pemOf(key: KeyObject): string {
  return String(key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }));
}

function refusal(environment: Record<string, string>): string {
  try {
    options(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(StartupError);
    return (error as Error).message;
  }
  throw new Error('It was taken.');
}

describe('jwtOptions', () => {
  it('takes no tokens where nothing is set', () => {
    expect(options({})).toBeUndefined();
  });

  it.each([
    [32, ['HS256']],
    [47, ['HS256']],
    [48, ['HS256', 'HS384']],
    [64, ['HS256', 'HS384', 'HS512']],
  ])('takes a secret of %i bytes for %j', (bytes, algorithms) => {
    expect(options({ RINGBACK_JWT_SECRET: 'x'.repeat(bytes) })).toMatchObject({ keys: [{ algorithms }] });
  });

  it('takes several public keys, with line ends of any kind', () => {
    for (const text of [
      ec.pem + rsa.pem,
      (ec.pem + rsa.pem).replaceAll('\n', '\\n'),
      `# EC\n${ec.pem}${rsa.pem}`,
    ])
      expect(options({ RINGBACK_JWT_PUBLIC_KEY: text })).toMatchObject({
        keys: [{ algorithms: ['ES256'] }, { algorithms: expect.arrayContaining(['RS256', 'PS512']) }],
      });
  });

  it('takes a URL, names and a life', () => {
    const url = 'https://id.example/keys';
    expect(
      options({
        RINGBACK_JWT_JWKS_URL: url,
        RINGBACK_JWT_ISSUER: 'https://id.example, https://id.internal',
        RINGBACK_JWT_AUDIENCE: 'hub',
        RINGBACK_JWT_MAX_LIFE_MS: '60000',
      }),
    ).toEqual({
      keys: url,
      issuers: ['https://id.example', 'https://id.internal'],
      audiences: ['hub'],
      rightsClaim: 'ringback',
      maxLifeMs: 60_000,
    });
  });

  it.each([
    'https://id.example/keys',
    'http://localhost:8080/keys',
    'http://id.localhost/keys',
    'http://127.1/keys',
    'http://[::1]/keys',
    'http://10.1.2.3/keys',
    'http://172.31.0.1/keys',
    'http://192.168.0.1/keys',
    'http://[fd00::1]/keys',
    'http://keycloak/realms/a/protocol/openid-connect/certs',
    'http://keycloak.auth.svc:8080/keys',
    'http://keycloak.auth.svc.cluster.local/keys',
    'http://id.internal/keys',
  ])('takes %s', (url) => {
    expect(options({ RINGBACK_JWT_JWKS_URL: url })).toMatchObject({ keys: url });
  });

  it.each([
    ['http://id.example/keys', 'has http, and a host that is not private'],
    ['http://172.32.0.1/keys', 'has http, and a host that is not private'],
    ['http://0x08080808/keys', 'has http, and a host that is not private'],
    ['http://[2001:db8::1]/keys', 'has http, and a host that is not private'],
    ['http://localhost.example/keys', 'has http, and a host that is not private'],
    ['http://localhost@id.example/keys', 'has a user name or a password'],
    ['https://u:p@id.example/keys', 'has a user name or a password'],
    ['ftp://id.example/keys', 'is no URL with https or http'],
    ['file:///etc/keys', 'is no URL with https or http'],
    ['id.example/keys', 'is no URL with https or http'],
  ])('refuses %s', (url, problem) => {
    expect(refusal({ RINGBACK_JWT_JWKS_URL: url })).toContain(problem);
  });

  it.each([
    ['SECRET', 'x'.repeat(31), 'is shorter than 32 bytes; allowed is a text of at least 32 bytes.'],
    ['PUBLIC_KEY', 'x', 'is no public key in PEM'],
    ['PUBLIC_KEY', ec.pem.replace('END', 'EN'), 'is no public key in PEM'],
    ['PUBLIC_KEY', ec.pem.replace(/\nM/, '\nX'), 'cannot be read'],
    ['PUBLIC_KEY', ec.pem.repeat(9), 'is one of more than 8'],
    ['PUBLIC_KEY', pemOf(ec.privateKey), 'is a PRIVATE KEY and no PUBLIC KEY'],
    ['PUBLIC_KEY', ec.pem.replaceAll('PUBLIC KEY', 'CERTIFICATE'), 'is a CERTIFICATE and no PUBLIC KEY'],
    [
      'PUBLIC_KEY',
      pemOf(generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey),
      'is an RSA key of 1024 bits, fewer than 2048',
    ],
    [
      'PUBLIC_KEY',
      pemOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey),
      'is none of RSA, P-256, P-384, P-521 and Ed25519',
    ],
    [
      'PUBLIC_KEY',
      pemOf(generateKeyPairSync('rsa-pss', { modulusLength: 2_048 }).publicKey),
      'is none of RSA, P-256',
    ],
  ])('refuses as RINGBACK_JWT_%s what is weak or none (%#)', (name, text, problem) => {
    const message = refusal({ [`RINGBACK_JWT_${name}`]: text });
    expect(message).toMatch(/^RINGBACK_JWT_[^\n]+[.]$/);
    expect(message).toContain(problem);
    expect(message).not.toContain(text.trim().slice(-40));
  });

  it('refuses two sources of keys', () => {
    const both = { RINGBACK_JWT_SECRET: 'x'.repeat(32), RINGBACK_JWT_PUBLIC_KEY: ec.pem };
    expect(refusal(both)).toBe(
      'RINGBACK_JWT_SECRET and RINGBACK_JWT_PUBLIC_KEY are both set; set one of them.',
    );
  });

  it.each(['RINGBACK_JWT_ISSUER', 'RINGBACK_JWT_AUDIENCE'])('refuses %s without keys', (name) => {
    expect(refusal({ [name]: 'a, b' })).toBe(
      `${name}="a,b" needs one of RINGBACK_JWT_SECRET, RINGBACK_JWT_PUBLIC_KEY, RINGBACK_JWT_JWKS_URL.`,
    );
  });
});
