import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@ringback/memory';
import { base64url, CompactSign, SignJWT } from 'jose';
import { createSecretKey } from 'node:crypto';
import { JwtVerifier, type JwtRules } from './jwt-verifier.js';
import { StaticKeys } from './static-keys.js';
import { NOW_S, SigningKey, type Claims } from './testing/signing-key.js';

const HOUR_MS = 3_600_000;
const RULES: JwtRules = { maxLifeMs: 24 * HOUR_MS };
const SECRET = 'a secret of the issuer that has at least as many bytes as the longest of hashes has';

const signer = SigningKey.pair('ES256');
const rsa = SigningKey.pair('RS256');

function verifierOf(
  keys: readonly SigningKey[],
  rules: Partial<JwtRules> = {},
  clock = new FakeClock(),
): JwtVerifier {
  return new JwtVerifier(new StaticKeys(keys.map(({ trusted }) => trusted)), { ...RULES, ...rules }, clock);
}

const verifier = verifierOf([signer]);

/** A part of a token. */
function encoded(value: object): string {
  return base64url.encode(JSON.stringify(value));
}

/** How the token is refused. */
function refusal(token: string, by = verifier): Promise<unknown> {
  return by.verify(token).then(
    () => 'taken',
    (error: unknown) => error,
  );
}

async function expectRefusal(token: string, reason: string, by = verifier): Promise<void> {
  expect(await refusal(token, by)).toMatchObject({
    code: 'unauthorized',
    message: expect.stringContaining(reason),
  });
}

describe('JwtVerifier', () => {
  it.each([
    ...['HS256', 'HS384', 'HS512'].map((algorithm) => SigningKey.secret(SECRET, algorithm)),
    ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map(SigningKey.pair),
    ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'].map(SigningKey.pair),
  ])('takes $algorithm', async (key) => {
    const token = await key.sign({ jti: 't1', sid: 's1', room: [1] });
    expect(await verifierOf([key]).verify(token)).toEqual({
      subject: 'user-42',
      issuedAt: NOW_S * 1_000,
      expiresAt: (NOW_S + 600) * 1_000,
      tokenId: 't1',
      sessionId: 's1',
      claims: { sub: 'user-42', iat: NOW_S, exp: NOW_S + 600, jti: 't1', sid: 's1', room: [1] },
    });
  });

  it('tries all keys of an algorithm, and takes no token of a stranger', async () => {
    const [other, stranger] = [SigningKey.pair('ES256'), SigningKey.pair('ES256')];
    const both = verifierOf([signer, other]);
    expect(await both.verify(await other.sign())).toMatchObject({ subject: 'user-42' });
    await expectRefusal(await stranger.sign(), 'not signed by a key that is trusted', both);
  });

  it.each([
    ['header', 0],
    ['payload', 1],
    ['signature', 2],
  ])('refuses a token whenever a character of its %s was altered', async (_part, index) => {
    const parts = (await signer.sign()).split('.');
    const part = parts[index]!;
    // The last character has bits that mean nothing.
    for (let at = 0; at < part.length - 1; at++) {
      const altered = part.slice(0, at) + (part[at] === 'A' ? 'B' : 'A') + part.slice(at + 1);
      await expectRefusal(parts.with(index, altered).join('.'), 'token');
    }
  });

  it('refuses the payload of one token under the signature of another', async () => {
    const [header, , signature] = (await signer.sign()).split('.');
    const [, payload] = (await signer.sign({ sub: 'admin' })).split('.');
    await expectRefusal([header, payload, signature].join('.'), 'not signed by a key');
  });

  it.each(['none', 'None', 'NONE', 'nOnE', '', 'HS1', 'RSA-OAEP', '__proto__', 'constructor'])(
    'refuses the algorithm %j, with a signature and without',
    async (alg) => {
      const [, payload, signature] = (await signer.sign()).split('.');
      for (const end of ['', signature])
        await expectRefusal(`${encoded({ alg })}.${payload}.${end}`, 'not signed by a key');
    },
  );

  it('refuses an HMAC that was made with a public key as the secret', async () => {
    for (const pair of [rsa, signer]) {
      const forms = [pair.pem, pair.pem.trim(), pair.publicKey.export({ type: 'spki', format: 'der' })];
      for (const form of forms) {
        const token = await new SignJWT({ sub: 'admin', exp: NOW_S + 60 })
          .setProtectedHeader({ alg: 'HS256' })
          .sign(createSecretKey(Buffer.from(form)));
        await expectRefusal(token, 'not signed by a key', verifierOf([pair]));
      }
    }
  });

  it('takes from a key no algorithm of another type', async () => {
    await expectRefusal(await rsa.sign(), 'not signed by a key');
    await expectRefusal(await signer.sign(), 'not signed by a key', verifierOf([rsa]));
    const secret = SigningKey.secret(SECRET.slice(0, 32));
    const longer = SigningKey.secret(SECRET.slice(0, 32), 'HS512');
    await expectRefusal(await longer.sign(), 'not signed by a key', verifierOf([secret]));
  });

  it('heeds no key that a token brings or names', async () => {
    const stranger = SigningKey.pair('ES256');
    const url = 'http://127.0.0.1:1/keys';
    for (const header of [
      { jwk: stranger.jwk() },
      { jku: url },
      { x5u: url },
      { x5c: ['MIIB'] },
      { kid: '../../../../dev/null' },
      { kid: "x' UNION SELECT 'key" },
      { kid: '__proto__' },
      { kid: url },
    ]) {
      await expectRefusal(await stranger.sign({}, header), 'not signed by a key');
      expect(await verifier.verify(await signer.sign({}, header))).toMatchObject({
        subject: 'user-42',
      });
    }
  });

  it('refuses what it is told not to pass over', async () => {
    const [, payload, signature] = (await signer.sign()).split('.');
    for (const header of [{ crit: ['x'], x: 1 }, { crit: [] }, { crit: ['b64'], b64: false }])
      await expectRefusal(`${encoded({ alg: 'ES256', ...header })}.${payload}.${signature}`, 'token');
  });

  it.each([
    ['', 'not a signed'],
    ['a', 'not a signed'],
    ['a.b', 'not a signed'],
    ['a.b.c', 'cannot be read'],
    ['a.b.c.d.e', 'not a signed'],
    [`${encoded([])}.e30.c2ln`, 'cannot be read'],
    [`${encoded({})}.e30.c2ln`, 'not a signed'],
    [`${encoded({ alg: 1 })}.e30.c2ln`, 'not a signed'],
    [`${encoded({ alg: 'ES256', kid: 1 })}.e30.c2ln`, 'not a signed'],
    [`${encoded({ alg: 'ES256' })}.e30.`, 'not signed by a key'],
    [`${encoded({ alg: 'ES256' })}.e30.c2ln`, 'not signed by a key'],
    [`${encoded({ alg: 'ES256' })}.e30.c2ln `, 'not a signed'],
  ])('refuses %j', (token, reason) => expectRefusal(token, reason));

  it('reads no more than 8 KiB', async () => {
    const name = (length: number) => signer.sign({ name: 'x'.repeat(length) });
    expect(await verifier.verify(await name(5_900))).toMatchObject({ subject: 'user-42' });
    await expectRefusal(await name(6_100), 'longer than 8192 bytes');
  });

  it('repeats nothing of a token in what it says', async () => {
    const token = await rsa.sign({ sub: 'Ann', iss: 's3cret', aud: 's3cret' });
    const error = await refusal(token, verifierOf([rsa], { issuers: ['a'], audiences: ['b'] }));
    expect(String(error)).not.toMatch(/s3cret|Ann|eyJ/);
  });

  it('takes each of the issuers and audiences that it knows, and no other', async () => {
    const strict = verifierOf([signer], {
      issuers: ['https://a', 'https://b'],
      audiences: ['hub', 'hub-2'],
    });
    const good = { iss: 'https://b', aud: ['other', 'hub-2'] };
    expect(await strict.verify(await signer.sign(good))).toMatchObject({ subject: 'user-42' });
    for (const iss of ['https://c', 'https://a/', '', undefined, ['https://a']])
      await expectRefusal(await signer.sign({ ...good, iss }), '"iss"', strict);
    for (const aud of ['HUB', [], 'hub hub-2', undefined])
      await expectRefusal(await signer.sign({ ...good, aud }), '"aud"', strict);
  });

  it.each<[name: string, claims: Claims, reason: string]>([
    ['no end', { exp: undefined }, '"exp"'],
    ['an end that is text', { exp: String(NOW_S + 60) }, '"exp"'],
    ['an end that is nothing', { exp: null }, '"exp"'],
    ['an end half a minute ago', { exp: NOW_S - 30 }, 'over'],
    ['a beginning after half a minute', { nbf: NOW_S + 31 }, '"nbf"'],
    ['a beginning that is text', { nbf: '0' }, '"nbf"'],
    ['an issue after half a minute', { iat: NOW_S + 31 }, '"iat"'],
    ['an issue that is text', { iat: '0' }, '"iat"'],
    ['too long a life', { iat: NOW_S - 1, exp: NOW_S + 86_400 }, 'longer'],
    ['too long a life without a beginning', { iat: undefined, exp: NOW_S + 86_431 }, 'longer'],
    ['a subject that is a number', { sub: 1 }, '"sub"'],
    ['an empty subject', { sub: '' }, '"sub"'],
    ['a subject with control characters', { sub: 'a\nb' }, '"sub"'],
    ['too long a subject', { sub: 'x'.repeat(257) }, '"sub"'],
    ['an id that is a number', { jti: 1 }, '"jti"'],
    ['a session that is a list', { sid: ['s'] }, '"sid"'],
  ])('refuses a token with %s', async (_name, claims, reason) => {
    await expectRefusal(await signer.sign(claims), reason);
  });

  it('refuses an end that never comes', async () => {
    const token = await signWithPayload('{"sub":"a","iat":1,"exp":1e999}');
    await expectRefusal(token, 'longer');
  });

  it.each<[name: string, claims: Claims]>([
    ['an end within the last half a minute', { exp: NOW_S - 29 }],
    ['a beginning within half a minute', { nbf: NOW_S + 30 }],
    ['an issue within half a minute', { iat: NOW_S + 30 }],
    ['the longest life', { iat: NOW_S, exp: NOW_S + 86_400 }],
    ['the longest life without a beginning', { iat: undefined, exp: NOW_S + 86_400 }],
  ])('takes a token with %s', async (_name, claims) => {
    expect(await verifier.verify(await signer.sign(claims))).toMatchObject({ subject: 'user-42' });
  });

  it('says of a token without a subject that it has none', async () => {
    expect(await verifier.verify(await signer.sign({ sub: undefined }))).not.toHaveProperty('subject');
  });

  it('does not take a token for longer because it was good before', async () => {
    const clock = new FakeClock();
    const slow = verifierOf([signer], {}, clock);
    const token = await signer.sign({ exp: NOW_S + 20 });
    const first = await slow.verify(token);
    expect(await slow.verify(token)).toBe(first);
    clock.advance(19_999);
    expect(await slow.verify(token)).toBe(first);
    clock.advance(30_001);
    await expectRefusal(token, 'over', slow);
  });

  it('remembers no token that is not good', async () => {
    const keys = new StaticKeys([]);
    const trusting = new JwtVerifier(keys, RULES, new FakeClock());
    const token = await signer.sign();
    await expectRefusal(token, 'not signed by a key', trusting);
    await expectRefusal(token, 'not signed by a key', trusting);
  });
});

/** A token whose payload is this text, whatever it says. */
function signWithPayload(text: string): Promise<string> {
  return new CompactSign(Buffer.from(text)).setProtectedHeader({ alg: 'ES256' }).sign(signer.privateKey);
}
